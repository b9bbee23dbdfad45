package dev.interdict.response;

import static dev.interdict.response.SampleAlerts.NODE;
import static dev.interdict.response.SampleAlerts.inContainer;
import static dev.interdict.response.SampleAlerts.nanos;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.interdict.bus.backplane.Backplane;
import dev.interdict.bus.backplane.BackplaneConfig;
import dev.interdict.bus.client.BusClient;
import dev.interdict.bus.client.BusConfig;
import dev.interdict.bus.client.NodeLink;
import dev.interdict.bus.metrics.MetricsEndpoint;
import dev.interdict.bus.tls.Pki;
import dev.interdict.bus.tls.Role;
import dev.interdict.record.NodeId;
import dev.interdict.record.Recorder;
import dev.interdict.record.RecorderConfig;
import dev.interdict.schema.Alert;
import dev.interdict.schema.NodeInfo;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The responder on a real bus: backplane, publisher and a node's link in this process. */
@Timeout(60)
final class ResponderTest {
  private static final Duration DAY = Duration.ofDays(1);
  private static final Policies POLICIES =
      Policies.parse("p.yaml", "{name: strict, mode: enforce, actions: {cut: true, freeze: true}}");

  private final Pki pki = Pki.create("test", DAY);
  @TempDir private Path directory;
  private Backplane backplane;
  private Recorder recorder;
  private NodeLink link;
  private FakeNode node;
  private BusClient job;
  private Responder responder;

  @BeforeEach
  void start() throws Exception {
    backplane =
        Backplane.start(
            new BackplaneConfig(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                pki.issue(Role.BACKPLANE, "relay-1", DAY)));
    BusConfig nodeBus = bus(Role.NODE, NODE);
    recorder =
        Recorder.open(RecorderConfig.of(directory.resolve("node")).withNode(NodeId.parse(NODE)));
    node = new FakeNode(nodeBus.identity(), Instant.now());
    link = new NodeLink(nodeBus, recorder, NodeInfo.getDefaultInstance(), node::handle);
    job = BusClient.connect(bus(Role.CONSUMER, "job-1"), "detection");
    startResponder();
  }

  @AfterEach
  void stop() throws IOException {
    responder.close();
    job.close();
    link.close();
    recorder.close();
    backplane.close();
  }

  private BusConfig bus(Role role, String id) {
    return new BusConfig(List.of(backplane.address()), pki.issue(role, id, DAY));
  }

  private void startResponder() throws IOException {
    responder =
        Responder.start(
            new ResponderConfig(
                bus(Role.RESPONDER, "responder-1"), directory.resolve("responder"), POLICIES));
  }

  private static Alert fresh(String id, long cgroupId) {
    long now = nanos(Instant.now());
    return inContainer(id, cgroupId).toBuilder().setTime(now).setDetectedTime(now).build();
  }

  /** As the job does: again, as long as no responder is there. */
  private void publish(Alert alert) {
    await()
        .atMost(20, TimeUnit.SECONDS)
        .until(
            () ->
                job.publish(alert)
                    .handle((acknowledged, failure) -> failure == null)
                    .get(20, TimeUnit.SECONDS));
  }

  private ContainmentRecord inForce(String alertId) {
    await().until(() -> state(alertId) == ContainmentState.IN_FORCE);
    return record(alertId);
  }

  private ContainmentState state(String alertId) {
    return record(alertId).state();
  }

  private ContainmentRecord record(String alertId) {
    return responder.records().stream()
        .filter(record -> record.alertId().equals(alertId))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void shouldContainWhatAnAlertNamesThroughTheBus() throws Exception {
    publish(fresh("a1", 1));

    ContainmentRecord record = inForce("a1");
    assertThat(node.received()).hasSize(1);
    assertThat(node.received().get(0).getEpoch()).isEqualTo(recorder.epoch());
    assertThat(node.received().get(0).getContain().getContainmentId()).isEqualTo(record.id());
  }

  @Test
  void shouldTellWhatItDidAsMetrics() throws Exception {
    try (MetricsEndpoint endpoint =
        MetricsEndpoint.start(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            new ResponderMetrics(responder))) {
      long before = nanos(Instant.now().minusSeconds(2)); // the node has a clock of its own
      publish(fresh("a1", 1).toBuilder().setTime(before).build());
      ContainmentRecord record = inForce("a1");
      responder.release(record.id()).get(20, TimeUnit.SECONDS);
      responder.stop("anna", "we move").get(20, TimeUnit.SECONDS);
      publish(fresh("a2", 2));

      await()
          .untilAsserted(
              () ->
                  assertThat(scrape(endpoint))
                      .contains(
                          containments("in_force") + " 1.0",
                          containments("released") + " 1.0",
                          containments("skipped") + " 1.0",
                          "interdict_responder_containments_now{state=\"released\"} 1.0",
                          "interdict_responder_contained_after_seconds_count 1",
                          "interdict_responder_stopped 1.0",
                          "interdict_responder_alerts_waiting 0.0",
                          "interdict_responder_log_failures_total 0.0"));
    }
  }

  private static String containments(String state) {
    return "interdict_responder_containments_total{policy=\"strict\",state=\"" + state + "\"}";
  }

  private static String scrape(MetricsEndpoint endpoint) throws IOException {
    URL url = new URL("http", "127.0.0.1", endpoint.address().getPort(), "/metrics");
    try (InputStream in = url.openStream()) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void shouldBeSilentAboutAnAlertThatARestartedJobPublishesAgain() throws Exception {
    Alert alert = fresh("a1", 1);
    publish(alert);
    inForce("a1");
    responder.close();
    startResponder();
    publish(alert);

    assertThat(responder.records()).hasSize(1);
    assertThat(node.received()).hasSize(1);
  }

  @Test
  void shouldAnswerRootOnItsLocalSocket() throws Exception {
    publish(fresh("a1", 1));
    ContainmentRecord record = inForce("a1");
    LocalResponder local = new LocalResponder(directory.resolve("responder"));

    assertThat(local.containments()).containsExactly(ContainmentSummary.of(record));
    ContainmentSummary released = local.release(record.id());

    assertThat(released.state()).isEqualTo(ContainmentState.RELEASED);
    assertThat(node.received().get(1).getRelease().getContainmentId()).isEqualTo(record.id());
    assertThat(local.containments().get(0).state()).isEqualTo(ContainmentState.RELEASED);
    assertThatThrownBy(() -> local.release("nothing"))
        .hasMessage("there is no containment nothing");
    Path socket = directory.resolve("responder/run/responder.sock");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket.getParent())))
        .isEqualTo("rwx------");
  }

  @Test
  void shouldSayThatNoResponderRuns() throws Exception {
    responder.close();

    assertThatThrownBy(() -> new LocalResponder(directory.resolve("responder")).containments())
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("no responder runs with data directory");
  }

  @Test
  void shouldRefuseToRunAsAnybodyElse() {
    BusConfig consumer = bus(Role.CONSUMER, "job-2");

    assertThatThrownBy(() -> new ResponderConfig(consumer, directory, POLICIES))
        .hasMessage("identity consumer/job-2 is not a responder's");
  }
}
