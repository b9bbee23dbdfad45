package dev.interdict.response.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.interdict.bus.backplane.Backplane;
import dev.interdict.bus.backplane.BackplaneConfig;
import dev.interdict.bus.client.BusClient;
import dev.interdict.bus.client.BusConfig;
import dev.interdict.bus.tls.Pki;
import dev.interdict.bus.tls.Role;
import dev.interdict.response.ContainmentRecord;
import dev.interdict.response.ContainmentState;
import dev.interdict.response.Policies;
import dev.interdict.response.Responder;
import dev.interdict.response.ResponderConfig;
import dev.interdict.schema.Alert;
import dev.interdict.schema.Container;
import dev.interdict.schema.Entity;
import dev.interdict.schema.Level;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * A responder with a real bus and a real API server; its node is away, so that what it decides
 * stands for a while.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class OperatorOnClusterIT {
  private static final Duration LIMIT = Duration.ofMinutes(1);
  private static final Duration DAY = Duration.ofDays(1);
  private static final String NODE = "00000000-0000-0000-0000-000000000001";
  private static final String POLICY =
      """
      apiVersion: interdict.dev/v1alpha1
      kind: ResponsePolicy
      metadata: {name: %s}
      spec:
        order: %d
        mode: %s
        match: {rules: ["%s"], owner: {kind: [Deployment]}}
        actions: {cut: true, freeze: true, ttl: 10m}
        %s
      """;

  private final Pki pki = Pki.create("test", DAY);
  @TempDir private Path directory;
  private RunningCluster cluster;
  private KubernetesClient client;
  private Backplane backplane;
  private BusClient job;
  private KubernetesOrchestrator orchestrator;
  private Responder responder;
  private Pod pod;
  private long cgroups; // what is contained is not contained again

  @BeforeAll
  void start() throws Exception {
    cluster = RunningCluster.start();
    client = cluster.client;
    cluster.define();
    cluster.apply(
        """
        apiVersion: v1
        kind: Namespace
        metadata: {name: shop}
        ---
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web, namespace: shop}
        spec:
          replicas: 1
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec:
              containers:
              - {name: main, image: "localhost/busybox:1", command: [/bin/sleep, "3600"]}
        """);
    await()
        .atMost(LIMIT)
        .until(
            () -> {
              List<Pod> pods =
                  client.pods().inNamespace("shop").withLabel("app", "web").list().getItems();
              pod = pods.isEmpty() ? null : pods.get(0);
              return pod != null && Pods.isReady(pod);
            });
    backplane =
        Backplane.start(
            new BackplaneConfig(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                pki.issue(Role.BACKPLANE, "relay-1", DAY)));
    job = BusClient.connect(bus(Role.CONSUMER, "job-1"), "detection");
  }

  @AfterAll
  void stop() throws Exception {
    if (job != null) {
      job.close();
      backplane.close();
    }
    if (cluster != null) {
      cluster.close();
    }
  }

  @BeforeEach
  void startResponder() throws IOException {
    Policies ofFile = Policies.observing();
    orchestrator = KubernetesOrchestrator.start(client, "interdict", ofFile);
    responder =
        Responder.start(
            new ResponderConfig(
                bus(Role.RESPONDER, "responder-1"),
                directory.resolve("responder"),
                ofFile,
                orchestrator));
  }

  @AfterEach
  void stopResponder() throws IOException {
    if (responder != null) {
      responder.close();
      orchestrator.close();
      client.resources(ResponsePolicy.class).delete();
      client.resources(ResponseStop.class).delete();
    }
  }

  private BusConfig bus(Role role, String id) {
    return new BusConfig(List.of(backplane.address()), pki.issue(role, id, DAY));
  }

  /** As the job does: again, as long as no responder takes it. */
  private String attack(String rule, Pod target) {
    String id = UUID.randomUUID().toString();
    long now = TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis());
    Alert alert =
        Alert.newBuilder()
            .setId(id)
            .setRuleId(rule)
            .setRuleTitle("Shell on a socket")
            .setLevel(Level.CRITICAL)
            .setTime(now)
            .setDetectedTime(now)
            .setEntity(
                Entity.newBuilder()
                    .setNode(NODE)
                    .setCgroupId(++cgroups)
                    .setCgroup("/kubepods/besteffort/pod" + target.getMetadata().getUid() + "/c")
                    .setContainer(
                        Container.newBuilder()
                            .setId("c0ffee")
                            .setName("main")
                            .setPod(target.getMetadata().getName())
                            .setNamespace(target.getMetadata().getNamespace())))
            .build();
    await()
        .atMost(LIMIT)
        .until(
            () ->
                job.publish(alert)
                    .handle((done, failure) -> failure == null)
                    .get(20, TimeUnit.SECONDS));
    return id;
  }

  private ContainmentRecord record(String alert) {
    return responder.records().stream()
        .filter(record -> record.alertId().equals(alert))
        .findFirst()
        .orElseThrow();
  }

  private Containment shown(String alert, String state) {
    String id = record(alert).id();
    return await("containment " + id + " in state " + state)
        .atMost(LIMIT)
        .until(
            () -> client.resources(Containment.class).withName(id).get(),
            one -> one != null && one.getStatus() != null && state.equals(one.getStatus().state));
  }

  private void policy(String name, int order, String mode, String rule, String more) {
    cluster.apply(POLICY.formatted(name, order, mode, rule, more));
    awaitPolicy(name, "Active");
  }

  private ResponsePolicy awaitPolicy(String name, String state) {
    return await("policy " + name + " " + state)
        .atMost(LIMIT)
        .until(
            () -> client.resources(ResponsePolicy.class).withName(name).get(),
            one ->
                one.getStatus() != null
                    && state.equals(one.getStatus().state)
                    && one.getMetadata()
                        .getGeneration()
                        .equals(one.getStatus().observedGeneration));
  }

  private void order(String id, String order, String by) {
    client
        .resources(Containment.class)
        .withName(id)
        .patch(
            Marks.MERGE,
            "{\"spec\": {\"order\": \"%s\", \"orderedBy\": \"%s\"}}".formatted(order, by));
  }

  @Test
  void shouldRefuseAtAdmissionWhatMakesNoSense() {
    assertThatThrownBy(
            () ->
                cluster.apply(
                    POLICY
                        .formatted("bad", 1, "enforce", "r", "")
                        .replace("cut: true, freeze: true", "cut: false")))
        .isInstanceOf(KubernetesClientException.class)
        .hasMessageContaining("nothing to do");
    assertThatThrownBy(() -> cluster.apply(POLICY.formatted("bad", 1, "enfroce", "r", "")))
        .hasMessageContaining("spec.mode");
    assertThatThrownBy(
            () ->
                cluster.apply(
                    POLICY.formatted("bad", 1, "enforce", "r", "limits: {perWorkload: x}")))
        .hasMessageContaining("spec.limits.perWorkload");
    assertThat(client.resources(ResponsePolicy.class).list().getItems()).isEmpty();
  }

  @Test
  void shouldDecideByPoliciesThatComeAndGo() throws Exception {
    assertThat(record(attack("first", pod)).state()).isEqualTo(ContainmentState.OBSERVED);
    policy("web", 10, "enforce", "first", "then: [{do: orphan}]");
    String alert = attack("first", pod);
    Containment shown = shown(alert, "Decided");
    assertThat(shown.getSpec().intent.policy).isEqualTo("web");
    assertThat(shown.getSpec().intent.pod).isEqualTo(pod.getMetadata().getName());
    assertThat(shown.getSpec().intent.workload).isEqualTo("shop/Deployment/web");
    assertThat(shown.getSpec().intent.then).containsExactly("orphan");
    await()
        .atMost(LIMIT)
        .untilAsserted(
            () ->
                assertThat(client.v1().events().inNamespace("shop").list().getItems())
                    .anySatisfy(
                        event -> {
                          assertThat(event.getInvolvedObject().getUid())
                              .isEqualTo(pod.getMetadata().getUid());
                          assertThat(event.getMessage()).contains(record(alert).id());
                        }));

    assertThatThrownBy(
            () ->
                client
                    .resources(Containment.class)
                    .withName(record(alert).id())
                    .patch(Marks.MERGE, "{\"spec\": {\"intent\": {\"node\": \"elsewhere\"}}}"))
        .hasMessageContaining("an intent does not change");

    client.resources(ResponsePolicy.class).withName("web").delete();
    await()
        .atMost(LIMIT)
        .until(() -> record(attack("first", pod)).state() == ContainmentState.OBSERVED);
    order(record(alert).id(), "release", "anna");
    // The node is away: it is done as soon as it is back.
    await().atMost(LIMIT).until(() -> record(alert).times().releaseAsked() != 0);
  }

  /** What it said before stays in force, and the others are not touched. */
  @Test
  void shouldKeepWhatAPolicySaidBeforeItWasBroken() {
    policy("good", 10, "dryrun", "second", "");
    policy("other", 20, "dryrun", "third", "");
    cluster.apply(POLICY.formatted("good", 10, "dryrun", "second", "then: [{do: fly}]"));
    ResponsePolicy broken = awaitPolicy("good", "Invalid");
    assertThat(broken.getStatus().message).contains("fly").contains("stays in force");
    assertThat(record(attack("second", pod)).policy()).isEqualTo("good");
    assertThat(record(attack("third", pod)).policy()).isEqualTo("other");
  }

  @Test
  void shouldAskAPersonThroughTheResource() {
    policy(
        "asks", 10, "enforce", "fourth", "approval: {who: [anna], within: 10m, otherwise: skip}");
    String alert = attack("fourth", pod);
    String id = shown(alert, "Waiting").getMetadata().getName();
    order(id, "approve", "ben");
    await()
        .atMost(LIMIT)
        .untilAsserted(
            () ->
                assertThat(
                        client
                            .resources(Containment.class)
                            .withName(id)
                            .get()
                            .getStatus()
                            .orderResult)
                    .contains("not done"));
    assertThat(record(alert).state()).isEqualTo(ContainmentState.WAITING);
    // The same order of somebody who may is another.
    order(id, "approve", "anna");
    shown(alert, "Decided");
    String other = attack("fourth", pod);
    order(shown(other, "Waiting").getMetadata().getName(), "deny", "anna");
    Containment denied = shown(other, "Skipped");
    assertThat(denied.getStatus().reason).contains("anna");
    assertThat(denied.getStatus().until).as("nobody is waited for any more").isNull();
  }

  @Test
  void shouldStopAsLongAsThereIsAStop() {
    policy("stopped", 10, "enforce", "fifth", "");
    cluster.apply(
        """
        apiVersion: interdict.dev/v1alpha1
        kind: ResponseStop
        metadata: {name: maintenance}
        spec: {reason: we move the shop}
        """);
    await().atMost(LIMIT).until(() -> responder.whyStopped() != null);
    assertThat(responder.whyStopped()).contains("we move the shop");
    String alert = attack("fifth", pod);
    assertThat(shown(alert, "Skipped").getStatus().reason).contains("we move the shop");
    client.resources(ResponseStop.class).withName("maintenance").delete();
    await().atMost(LIMIT).until(() -> responder.whyStopped() == null);
    String next = attack("fifth", pod);
    shown(next, "Decided");
  }

  /** By its namespace; nobody has to say so. */
  @Test
  void shouldSpareWhatKeepsTheClusterTogether() {
    policy("all", 10, "enforce", "sixth", "");
    cluster.apply(
        """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: addon, namespace: kube-system}
        spec:
          replicas: 1
          selector: {matchLabels: {app: addon}}
          template:
            metadata: {labels: {app: addon}}
            spec:
              containers:
              - {name: main, image: "localhost/busybox:1", command: [/bin/sleep, "3600"]}
        """);
    Pod addon =
        await()
            .atMost(LIMIT)
            .until(
                () ->
                    client
                        .pods()
                        .inNamespace("kube-system")
                        .withLabel("app", "addon")
                        .list()
                        .getItems()
                        .stream()
                        .filter(Pods::isReady)
                        .findFirst()
                        .orElse(null),
                found -> found != null);
    String alert = attack("sixth", addon);
    assertThat(record(alert).state()).isEqualTo(ContainmentState.SKIPPED);
    assertThat(record(alert).reason()).contains("kube-system");
  }

  @Test
  void shouldLetOneActAtATime() throws Exception {
    Leadership first = new Leadership(client, "default", "test-lease", "first");
    assertThat(first.await(Duration.ofSeconds(30))).isTrue();
    try (Leadership second = new Leadership(client, "default", "test-lease", "second")) {
      assertThat(second.await(Duration.ofSeconds(3))).isFalse();
      assertThat(first.lost()).isNotDone();
      first.close();
      assertThat(second.await(Duration.ofSeconds(10))).isTrue();
    }
  }

  /** As after a partition: it finds out who acts in its place. */
  @Test
  void shouldEndWhenAnotherHasTakenThePlace() throws Exception {
    try (Leadership first = new Leadership(client, "default", "stolen-lease", "first")) {
      assertThat(first.await(Duration.ofSeconds(10))).isTrue();
      client
          .leases()
          .inNamespace("default")
          .withName("stolen-lease")
          .patch(Marks.MERGE, "{\"spec\": {\"holderIdentity\": \"second\"}}");
      assertThat(first.lost()).succeedsWithin(Duration.ofSeconds(40));
    }
  }
}
