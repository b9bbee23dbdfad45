package dev.interdict.bus.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interdict.bus.backplane.BackplaneFixture;
import dev.interdict.bus.backplane.RawPeer;
import dev.interdict.bus.backplane.TakenOverRelay;
import dev.interdict.bus.tls.Role;
import dev.interdict.bus.wire.Message;
import dev.interdict.bus.wire.MessageType;
import dev.interdict.record.FrameEncoder;
import dev.interdict.record.NodeId;
import dev.interdict.schema.CommandResult;
import dev.interdict.schema.Event;
import dev.interdict.schema.Goodbye;
import dev.interdict.schema.Kind;
import dev.interdict.schema.NodeInfo;
import dev.interdict.schema.StreamEnd;
import dev.interdict.schema.Subscribe;
import dev.interdict.schema.Subscribed;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Peers of another version: served as far as both understand each other, or told why not. */
class VersionSkewTest {
  private static final NodeId OLD = new NodeId(5, 6);

  private final BackplaneFixture bus = new BackplaneFixture();

  VersionSkewTest() throws IOException {}

  @AfterEach
  void stop() throws IOException {
    bus.close();
  }

  /** Speaks protocol 1 by hand: no seals, no leases, no status. */
  private RawPeer oldNode() throws IOException {
    return bus.closeLater(RawPeer.greeted(bus.address(), bus.issue(Role.NODE, OLD.toString())));
  }

  private BusClient client(boolean acceptUnsealed) {
    return bus.closeLater(
        BusClient.connect(
            bus.config(bus.issue(Role.CONSUMER, "job")).withAcceptUnsealed(acceptUnsealed), "job"));
  }

  private static EventStream subscribe(BusClient client) {
    return client.subscribe(
        Subscribe.newBuilder().setNode(OLD.toString()).setLeaseSeconds(1).build());
  }

  private static void begin(RawPeer node, int stream) throws IOException {
    node.send(
        MessageType.SUBSCRIBED,
        stream,
        Subscribed.newBuilder().setEpoch(1).setNextSequence(1).build().toByteArray());
  }

  private static byte[] frame() {
    byte[] event = Event.newBuilder().setTime(1).setKind(Kind.EXEC).build().toByteArray();
    try (FrameEncoder encoder = new FrameEncoder()) {
      encoder.begin(OLD, 1, 0, 1);
      encoder.add(1, event, 0, event.length);
      ByteBuffer frame = encoder.finish(1, 1);
      byte[] bytes = new byte[frame.remaining()];
      frame.get(bytes);
      return bytes;
    }
  }

  @Test
  void shouldReadAnOldNodeIfToldToAndSendItNothingThatItDoesNotKnow() throws Exception {
    RawPeer node = oldNode();
    EventStream stream = subscribe(client(true));
    int number = node.await(MessageType.SUBSCRIBE).stream();
    begin(node, number);
    node.send(MessageType.FRAME, Message.END_OF_BATCH, number, frame());

    await().until(() -> stream.poll() != null);
    // The lease is long over; an old node has none, and would close at the word RENEW.
    long until = System.nanoTime() + Duration.ofMillis(2500).toNanos();
    while (System.nanoTime() < until) {
      RawPeer.Received received = node.read();
      assertThat(received.type()).isLessThanOrEqualTo(MessageType.UNSUBSCRIBE.code());
      if (received.type() == MessageType.PING.code()) {
        node.send(MessageType.PONG, 0, new byte[0]);
      }
    }
    assertThat(stream.end()).isNull();
  }

  @Test
  void shouldRefuseAnOldNodesStreamWithTheReasonOtherwise() throws Exception {
    RawPeer node = oldNode();
    EventStream stream = subscribe(client(false));
    begin(node, node.await(MessageType.SUBSCRIBE).stream());

    await().until(() -> stream.end() != null);
    assertThat(stream.end().getCode()).isEqualTo(StreamEnd.Code.REFUSED);
    assertThat(stream.end().getMessage())
        .isEqualTo(
            "node "
                + OLD
                + " does not authenticate its frames: it is too old, or the backplane keeps it"
                + " from doing so");
    assertThat(bus.backplane().nodes()).isEqualTo(1);
  }

  @Test
  void shouldGoThroughAnOldBackplane(@TempDir Path directory) throws Exception {
    TakenOverRelay old = bus.closeLater(new TakenOverRelay(bus.issue(Role.BACKPLANE, "old"), 1));
    Set<MessageType> passed = ConcurrentHashMap.newKeySet();
    old.does(
        message -> {
          passed.add(message.type());
          return List.of(message);
        });
    TestNode node =
        bus.closeLater(
            new TestNode(
                bus,
                directory,
                command -> CommandResult.getDefaultInstance(),
                NodeInfo.getDefaultInstance(),
                config -> new BusConfig(List.of(old.address()), config.identity())));
    BusClient client =
        bus.closeLater(
            BusClient.connect(
                new BusConfig(List.of(old.address()), bus.issue(Role.CONSUMER, "job")), "job"));
    node.write(30);
    StreamReader reader =
        new StreamReader(
            client.subscribe(
                Subscribe.newBuilder()
                    .setNode(node.name())
                    .setFrom(node.wireAt(1))
                    .setLeaseSeconds(1)
                    .setCheckpointed(true)
                    .build()));
    reader.readTo(30);

    await().pollDelay(Duration.ofMillis(2500)).until(() -> true);
    node.write(30);
    reader.readTo(60);
    assertThat(passed).doesNotContain(MessageType.RENEW, MessageType.NODE_STATUS);
  }

  @Test
  void shouldTellABackplaneThatChoseAVersionNobodyAskedFor() throws Exception {
    TakenOverRelay newer =
        bus.closeLater(new TakenOverRelay(bus.issue(Role.BACKPLANE, "newer"), 9));
    BusClient client =
        bus.closeLater(
            BusClient.connect(
                new BusConfig(List.of(newer.address()), bus.issue(Role.CONSUMER, "job")), "job"));

    await().until(() -> !newer.goodbyes().isEmpty());
    assertThat(newer.goodbyes().get(0).getCode()).isEqualTo(Goodbye.Code.VERSION);
    assertThat(newer.goodbyes().get(0).getMessage())
        .isEqualTo("backplane chose protocol=9, newest here=2");
    await().until(() -> client.lastFailure().contains("protocol=9"));
    assertThat(client.connected()).isNotDone();
  }
}
