package dev.interdict.bus.backplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interdict.bus.client.BusClient;
import dev.interdict.bus.client.BusConfig;
import dev.interdict.bus.tls.Identity;
import dev.interdict.bus.tls.Pki;
import dev.interdict.bus.tls.Role;
import dev.interdict.bus.wire.MessageType;
import dev.interdict.record.NodeId;
import dev.interdict.schema.Alert;
import dev.interdict.schema.Goodbye;
import dev.interdict.schema.NodeStatus;
import dev.interdict.schema.Presence;
import dev.interdict.schema.PublishAlert;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What peers may try; whoever is beside them does not notice. */
class HostilePeerTest {
  private final BackplaneFixture bus = new BackplaneFixture();

  HostilePeerTest() throws IOException {}

  @AfterEach
  void stop() throws IOException {
    bus.close();
  }

  @Test
  void shouldCloseThoseWhoDoNotSpeakTls() throws Exception {
    Random random = new Random(3);
    for (int i = 0; i < 20; i++) {
      byte[] garbage = new byte[200];
      random.nextBytes(garbage);
      try (Socket socket = new Socket(bus.address().getAddress(), bus.address().getPort())) {
        socket.setSoTimeout(10_000);
        socket
            .getOutputStream()
            .write(
                i % 2 == 0
                    ? garbage
                    : "GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        while (socket.getInputStream().read() >= 0) {
          continue; // an alert, perhaps
        }
      } catch (IOException reset) {
        continue; // just as good
      }
    }
    RawPeer.greeted(bus.address(), bus.issue(Role.CONSUMER, "other")).close();
    assertThat(bus.backplane().counters().connections.handshakeFailures.sum()).isPositive();
  }

  @Test
  void shouldCloseAPeerThatAsksAndDoesNotRead() throws Exception {
    BusClient other = bus.client(Role.CONSUMER, "other");
    other.connected().get(10, TimeUnit.SECONDS);
    // Every alert is answered, since no responder is there.
    byte[] alert =
        PublishAlert.newBuilder()
            .setAlert(Alert.newBuilder().setId("x".repeat(3000)).build().toByteString())
            .build()
            .toByteArray();
    try (RawPeer deaf = RawPeer.greeted(bus.address(), bus.issue(Role.CONSUMER, "deaf"))) {
      Thread flood =
          new Thread(
              () -> {
                try {
                  for (int i = 1; i < 200_000; i += 2) {
                    deaf.send(MessageType.PUBLISH_ALERT, i, alert);
                  }
                } catch (IOException e) {
                  return; // closed, as it should be
                }
              });
      flood.setDaemon(true);
      flood.start();
      await()
          .atMost(Duration.ofSeconds(60))
          .until(
              () -> bus.backplane().counters().connections.goodbyes(Goodbye.Code.LIMIT).sum() == 1);
    }
    assertThat(other.backplane()).isEqualTo(bus.address());
    RawPeer.greeted(bus.address(), bus.issue(Role.CONSUMER, "third")).close();
  }

  @Test
  void shouldNotPassOnEveryWordOfANodeThatNeverStops() throws Exception {
    BusClient watcher = bus.client(Role.CONSUMER, "watcher");
    List<Presence> seen = new CopyOnWriteArrayList<>();
    watcher.watchNodes(seen::add);
    watcher.connected().get(10, TimeUnit.SECONDS);
    try (RawPeer node =
        RawPeer.greeted(bus.address(), bus.issue(Role.NODE, NodeId.random().toString()))) {
      long started = System.nanoTime();
      for (int i = 1; i <= 2000; i++) {
        node.send(
            MessageType.NODE_STATUS,
            0,
            NodeStatus.newBuilder().setLastSequence(i).build().toByteArray());
      }
      await().until(() -> bus.backplane().counters().connections.messages.sum() > 2000);
      long halfSeconds = (System.nanoTime() - started) / 500_000_000 + 2;
      assertThat(seen.size()).isLessThanOrEqualTo((int) halfSeconds + 1);
    }
  }

  @Test
  void shouldTellAClientThatTheBackplaneIsOfAnotherAuthority() {
    Identity here = bus.issue(Role.CONSUMER, "c");
    Pki elsewhere = Pki.create("elsewhere", BackplaneFixture.DAY);
    Identity trustsElsewhere = elsewhere.issue(Role.CONSUMER, "c", BackplaneFixture.DAY);
    assertThat(here.authority()).isNotEqualTo(trustsElsewhere.authority());
    BusClient client =
        bus.closeLater(
            BusClient.connect(new BusConfig(List.of(bus.address()), trustsElsewhere), "c"));
    await().until(() -> client.lastFailure().contains("TLS handshake failed"));
    assertThat(client.lastFailure()).contains("PKIX path");
    assertThat(client.connected()).isNotDone();
  }
}
