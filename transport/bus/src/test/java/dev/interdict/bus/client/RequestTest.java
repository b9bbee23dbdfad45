package dev.interdict.bus.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.interdict.bus.backplane.Backplane;
import dev.interdict.bus.backplane.BackplaneConfig;
import dev.interdict.bus.backplane.BackplaneFixture;
import dev.interdict.bus.tls.Identity;
import dev.interdict.bus.tls.Role;
import dev.interdict.schema.Alert;
import dev.interdict.schema.Command;
import dev.interdict.schema.CommandResult;
import dev.interdict.schema.Presence;
import dev.interdict.schema.SignedCommand;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Alerts, commands and presence: what is asked and answered beside the streams. */
class RequestTest {
  private static final Alert ALERT = Alert.newBuilder().setId("a1").setRuleId("r").build();

  private final BackplaneFixture bus = new BackplaneFixture();
  private final BusClient publisher = bus.client(Role.CONSUMER, "job");
  private final List<Alert> received = new CopyOnWriteArrayList<>();

  RequestTest() throws IOException {}

  @AfterEach
  void stop() throws IOException {
    bus.close();
  }

  private BusClient responder(CompletableFuture<Void> durable) {
    BusClient responder = bus.client(Role.RESPONDER, "responder");
    responder.serveAlerts(
        alert -> {
          received.add(alert);
          return durable;
        });
    return responder;
  }

  private void publishUntilAcknowledged() {
    await()
        .ignoreExceptions()
        .untilAsserted(() -> publisher.publish(ALERT).get(5, TimeUnit.SECONDS));
  }

  @Test
  void shouldAcknowledgeAnAlertWhenItIsDurableAndNotBefore() throws Exception {
    CompletableFuture<Void> durable = new CompletableFuture<>();
    BusClient responder = responder(durable);
    responder.connected().get(10, TimeUnit.SECONDS);
    await().until(() -> !received.isEmpty() || tryPublish());

    CompletableFuture<Void> published = publisher.publish(ALERT);
    await().until(() -> received.contains(ALERT));
    assertThat(published).isNotDone();
    durable.complete(null);

    published.get(5, TimeUnit.SECONDS);
  }

  /** True once the responder has offered itself: its registration races the publisher's. */
  private boolean tryPublish() {
    CompletableFuture<Void> attempt = publisher.publish(ALERT);
    await().until(() -> attempt.isDone() || !received.isEmpty());
    return !received.isEmpty();
  }

  @Test
  void shouldSayThatNoResponderIsThere() {
    assertThatThrownBy(() -> publisher.publish(ALERT).join())
        .hasRootCauseInstanceOf(BusException.class)
        .hasRootCauseMessage("alert a1: no responder is connected");
  }

  @Test
  void shouldFindTheBackplaneThatHasTheResponder() throws Exception {
    try (Backplane other =
        Backplane.start(
            new BackplaneConfig(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                bus.issue(Role.BACKPLANE, "backplane-2")))) {
      BusClient elsewhere =
          bus.closeLater(
              BusClient.connect(
                  new BusConfig(
                      List.of(bus.address(), other.address()), bus.issue(Role.CONSUMER, "other")),
                  "other"));
      for (InetSocketAddress only : List.of(bus.address(), other.address())) {
        BusClient responder =
            BusClient.connect(
                new BusConfig(List.of(only), bus.issue(Role.RESPONDER, "responder")), "responder");
        responder.serveAlerts(alert -> CompletableFuture.completedFuture(null));
        await()
            .atMost(30, TimeUnit.SECONDS)
            .ignoreExceptions()
            .untilAsserted(() -> elsewhere.publish(ALERT).get(5, TimeUnit.SECONDS));
        assertThat(elsewhere.backplane()).isEqualTo(only);
        responder.close();
      }
    }
  }

  @Test
  void shouldTellThePublisherThatTheResponderFailed() {
    responder(CompletableFuture.failedFuture(new IOException("disk full")));

    await()
        .untilAsserted(
            () ->
                assertThatThrownBy(() -> publisher.publish(ALERT).join())
                    .hasMessageContaining("disk full"));
  }

  @Test
  void shouldSendAnAlertAgainWhenTheBackplaneIsBack() throws Exception {
    responder(CompletableFuture.completedFuture(null));
    publishUntilAcknowledged();
    received.clear();
    bus.stopBackplane();

    CompletableFuture<Void> published = publisher.publish(ALERT);
    assertThat(published).isNotDone();
    bus.restartBackplane();

    // Who is back first is open: without the responder the publisher is told so and asks again.
    try {
      published.get(10, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      assertThat(e).hasMessageContaining("no responder is connected");
      publishUntilAcknowledged();
    }
    assertThat(received).contains(ALERT);
  }

  @Test
  void shouldCarryASignedCommandToTheNodeAndItsResultBack(@TempDir Path directory)
      throws Exception {
    Identity responderIdentity = bus.issue(Role.RESPONDER, "responder");
    TestNode node =
        bus.closeLater(
            new TestNode(
                bus,
                directory,
                signed -> {
                  CommandResult.Builder result = CommandResult.newBuilder().setCommandId("c1");
                  try {
                    return result
                        .setStatus(CommandResult.Status.DONE)
                        .setMessage("signed by " + responderIdentity.verify(signed, Instant.now()))
                        .build();
                  } catch (GeneralSecurityException e) {
                    return result.setStatus(CommandResult.Status.REFUSED).build();
                  }
                }));
    BusClient responder =
        bus.closeLater(BusClient.connect(bus.config(responderIdentity), "responder"));
    SignedCommand command =
        responderIdentity.sign(Command.newBuilder().setId("c1").setNode(node.name()).build());
    awaitPresence(responder, node);

    CommandResult result = responder.send(command, node.name()).get(10, TimeUnit.SECONDS);

    assertThat(result.getStatus()).isEqualTo(CommandResult.Status.DONE);
    assertThat(result.getMessage()).isEqualTo("signed by responder/responder");
  }

  @Test
  void shouldReportAFailingCommandHandler(@TempDir Path directory) throws Exception {
    TestNode node =
        bus.closeLater(
            new TestNode(
                bus,
                directory,
                signed -> {
                  throw new IllegalStateException("no freezer");
                }));
    Identity admin = bus.issue(Role.ADMIN, "admin");
    BusClient client = bus.closeLater(BusClient.connect(bus.config(admin), "admin"));
    awaitPresence(client, node);

    CommandResult result =
        client
            .send(admin.sign(Command.newBuilder().setId("c2").build()), node.name())
            .get(10, TimeUnit.SECONDS);

    assertThat(result.getStatus()).isEqualTo(CommandResult.Status.FAILED);
    assertThat(result.getCommandId()).isEqualTo("c2");
    assertThat(result.getMessage()).contains("no freezer");
  }

  @Test
  void shouldAnswerForANodeThatIsNotThere() throws Exception {
    Identity admin = bus.issue(Role.ADMIN, "admin");
    BusClient client = bus.closeLater(BusClient.connect(bus.config(admin), "admin"));

    CommandResult result =
        client
            .send(admin.sign(Command.newBuilder().setId("c3").build()), "nowhere")
            .get(10, TimeUnit.SECONDS);

    assertThat(result.getStatus()).isEqualTo(CommandResult.Status.UNREACHABLE);
    assertThat(result.getCommandId()).isEqualTo("c3");
    assertThat(result.getMessage()).isEqualTo("node nowhere is not connected");
  }

  @Test
  void shouldTellWhenNodesComeAndGo(@TempDir Path directory) throws Exception {
    List<Presence> seen = new CopyOnWriteArrayList<>();
    publisher.watchPresence(seen::add);
    TestNode node = new TestNode(bus, directory);
    node.write(3);
    await().until(() -> seen.size() == 1);
    assertThat(seen.get(0).getConnected()).isTrue();
    assertThat(seen.get(0).getNode().getId()).isEqualTo(node.name());
    assertThat(seen.get(0).getNode().getEpoch()).isEqualTo(node.recorder.epoch());

    node.close();
    await().until(() -> seen.size() == 2);
    assertThat(seen.get(1).getConnected()).isFalse();

    List<Presence> late = new CopyOnWriteArrayList<>();
    TestNode again = bus.closeLater(new TestNode(bus, directory));
    await().until(() -> seen.size() == 3);
    publisher.watchPresence(late::add);
    await().until(() -> late.size() == 1);
    assertThat(late.get(0).getNode().getId()).isEqualTo(again.name());
    assertThat(late.get(0).getNode().getLastSequence()).isEqualTo(3);
  }

  private static void awaitPresence(BusClient client, TestNode node) {
    CompletableFuture<Void> present = new CompletableFuture<>();
    client.watchPresence(
        presence -> {
          if (presence.getNode().getId().equals(node.name())) {
            present.complete(null);
          }
        });
    await().until(present::isDone);
  }
}
