package dev.interdict.bus.backplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
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
import dev.interdict.schema.Hello;
import dev.interdict.schema.NodeInfo;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who gets in, how far, and what the others notice of it: nothing. */
class AdmissionTest {
  private final BackplaneFixture bus = new BackplaneFixture(BackplaneFixture.QUICK);

  AdmissionTest() throws IOException {}

  @AfterEach
  void stop() throws IOException {
    bus.close();
  }

  private Goodbye.Code said(RawPeer peer) throws IOException {
    try (peer) {
      return peer.awaitGoodbye().getCode();
    }
  }

  private long handshakeFailures() {
    return bus.backplane().counters().connections.handshakeFailures.sum();
  }

  @Test
  void shouldRefuseCertificateOfForeignAuthority() {
    // The client trusts our backplane, but has its own certificate from elsewhere.
    Identity foreign =
        Pki.create("elsewhere", BackplaneFixture.DAY)
            .issue(Role.CONSUMER, "c", BackplaneFixture.DAY);

    assertThatThrownBy(() -> RawPeer.greeted(bus.address(), foreign))
        .isInstanceOf(IOException.class);
    await().untilAsserted(() -> assertThat(handshakeFailures()).isEqualTo(1));
    assertThat(bus.backplane().nodes()).isZero();
  }

  @Test
  void shouldRefuseExpiredCertificate() {
    Instant now = Instant.now();
    Identity expired =
        bus.pki.issue(
            Role.CONSUMER, "late", now.minus(Duration.ofDays(2)), now.minus(Duration.ofDays(1)));

    BusClient client =
        bus.closeLater(
            BusClient.connect(
                new BusConfig(List.of(bus.address()), expired)
                    .withTimeouts(BackplaneFixture.QUICK)
                    .withRequestTimeout(Duration.ofMillis(800)),
                "late"));

    await()
        .untilAsserted(
            () ->
                assertThatThrownBy(
                        () -> client.publish(Alert.newBuilder().setId("a").build()).join())
                    .hasMessageContaining("Received fatal alert: certificate_"));
    await().untilAsserted(() -> assertThat(handshakeFailures()).isPositive());
  }

  @Test
  void shouldRefuseAnotherBackplanesCertificate() throws IOException {
    // Made for serving: TLS itself does not take it from a client.
    Identity backplane = bus.issue(Role.BACKPLANE, "b2");

    assertThatThrownBy(() -> RawPeer.greeted(bus.address(), backplane))
        .isInstanceOf(IOException.class);
    await().untilAsserted(() -> assertThat(handshakeFailures()).isEqualTo(1));
  }

  @ParameterizedTest
  @CsvSource({
    "NODE, SUBSCRIBE",
    "NODE, WATCH_PRESENCE",
    "NODE, PUBLISH_ALERT",
    "NODE, SEND_COMMAND",
    "CONSUMER, FRAME",
    "CONSUMER, SEND_COMMAND",
    "CONSUMER, SERVE_ALERTS",
    "RESPONDER, FRAME",
    "RESPONDER, PUBLISH_ALERT",
    "ADMIN, FRAME",
    "ADMIN, SERVE_ALERTS"
  })
  void shouldHoldPeersToTheirRole(Role role, MessageType type) throws IOException {
    String id = role == Role.NODE ? NodeId.random().toString() : "peer";
    RawPeer peer = RawPeer.greeted(bus.address(), bus.issue(role, id));

    peer.send(type, 1, new byte[0]);

    try (peer) {
      Goodbye goodbye = peer.awaitGoodbye();
      assertThat(goodbye.getCode()).isEqualTo(Goodbye.Code.FORBIDDEN);
      assertThat(goodbye.getMessage()).contains(role.name()).contains(type.name());
    }
    assertThat(bus.backplane().counters().connections.goodbyes(Goodbye.Code.FORBIDDEN).sum())
        .isEqualTo(1);
  }

  @Test
  void shouldRefuseNodeThatClaimsAnotherId() throws IOException {
    RawPeer peer = new RawPeer(bus.address(), bus.issue(Role.NODE, NodeId.random().toString()));
    peer.send(
        MessageType.HELLO,
        0,
        Hello.newBuilder()
            .setProtocol(1)
            .setNode(NodeInfo.newBuilder().setId(NodeId.random().toString()))
            .build()
            .toByteArray());

    assertThat(said(peer)).isEqualTo(Goodbye.Code.FORBIDDEN);
    assertThat(bus.backplane().nodes()).isZero();
  }

  private RawPeer secondHolder(BackplaneFixture bus, Identity node) throws IOException {
    RawPeer second = new RawPeer(bus.address(), node);
    second.send(
        MessageType.HELLO,
        0,
        Hello.newBuilder()
            .setProtocol(1)
            .setNode(NodeInfo.newBuilder().setId(node.id()))
            .build()
            .toByteArray());
    return second;
  }

  @Test
  void shouldRefuseSecondLiveHolderOfANodesId() throws IOException {
    try (BackplaneFixture patient = new BackplaneFixture()) {
      Identity node = patient.issue(Role.NODE, NodeId.random().toString());
      try (RawPeer first = RawPeer.greeted(patient.address(), node)) {
        first.answeringPings();
        assertThat(said(secondHolder(patient, node))).isEqualTo(Goodbye.Code.DUPLICATE_NODE);
        await()
            .during(Duration.ofMillis(1800)) // longer than a dead one is given
            .until(() -> patient.backplane().nodes() == 1);
        assertThat(said(secondHolder(patient, node))).isEqualTo(Goodbye.Code.DUPLICATE_NODE);
      }
      await().until(() -> patient.backplane().nodes() == 0);
      RawPeer.greeted(patient.address(), node).close();
    }
  }

  @Test
  void shouldMakeRoomWhenTheFormerHolderOfANodesIdIsDead() throws IOException {
    try (BackplaneFixture patient = new BackplaneFixture()) {
      Identity node = patient.issue(Role.NODE, NodeId.random().toString());
      try (RawPeer dead = RawPeer.greeted(patient.address(), node)) {
        assertThat(said(secondHolder(patient, node))).isEqualTo(Goodbye.Code.DUPLICATE_NODE);
        await().until(() -> patient.backplane().nodes() == 0);
        RawPeer.greeted(patient.address(), node).close();
        assertThat(dead.awaitGoodbye().getCode()).isEqualTo(Goodbye.Code.TIMEOUT);
      }
    }
  }

  @Test
  void shouldTellVersionsApart() throws IOException {
    RawPeer peer = new RawPeer(bus.address(), bus.issue(Role.CONSUMER, "old"));
    peer.send(MessageType.HELLO, 0, new byte[0]);

    try (peer) {
      Goodbye goodbye = peer.awaitGoodbye();
      assertThat(goodbye.getCode()).isEqualTo(Goodbye.Code.VERSION);
      assertThat(goodbye.getMessage())
          .isEqualTo("protocol=0 is not spoken here, oldest=1 newest=2");
    }
  }

  @Test
  void shouldAnswerANewerPeerInItsOwnVersion() throws IOException {
    RawPeer peer = new RawPeer(bus.address(), bus.issue(Role.CONSUMER, "new"));
    peer.send(MessageType.HELLO, 0, Hello.newBuilder().setProtocol(9).build().toByteArray());

    try (peer) {
      assertThat(peer.await(MessageType.HELLO_ACK).payload).startsWith(8, 2);
    }
  }

  @Test
  void shouldNotWaitForThoseWhoDoNotGreet() throws IOException {
    List<Socket> silent = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      silent.add(bus.closeLater(new Socket(bus.address().getAddress(), bus.address().getPort())));
    }
    RawPeer secured = new RawPeer(bus.address(), bus.issue(Role.CONSUMER, "mute"));

    // Meanwhile others come and go as they like.
    RawPeer.greeted(bus.address(), bus.issue(Role.CONSUMER, "other")).close();
    assertThat(said(secured)).isEqualTo(Goodbye.Code.TIMEOUT);
    for (Socket socket : silent) {
      socket.setSoTimeout(5000);
      assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }
  }

  @Test
  void shouldNotWaitForThoseWhoTrickle() throws IOException {
    RawPeer peer = RawPeer.greeted(bus.address(), bus.issue(Role.CONSUMER, "slow"));
    byte[] longMessage = new byte[] {0, 0, 16, 0, (byte) MessageType.SUBSCRIBE.code()};

    Thread trickle =
        new Thread(
            () -> {
              try {
                peer.sendBytes(longMessage);
                while (true) {
                  peer.sendBytes(new byte[1]);
                  LockSupport.parkNanos(20_000_000);
                }
              } catch (IOException e) {
                return; // the backplane has had enough of it, as expected
              }
            });
    trickle.setDaemon(true);
    trickle.start();

    assertThat(said(peer)).isEqualTo(Goodbye.Code.TIMEOUT);
  }
}
