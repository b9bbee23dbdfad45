package dev.interdict.bus.backplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interdict.bus.client.BusClient;
import dev.interdict.bus.client.EventBatch;
import dev.interdict.bus.client.EventStream;
import dev.interdict.bus.tls.Role;
import dev.interdict.bus.wire.Message;
import dev.interdict.bus.wire.MessageType;
import dev.interdict.record.FrameEncoder;
import dev.interdict.record.NodeId;
import dev.interdict.schema.Event;
import dev.interdict.schema.Goodbye;
import dev.interdict.schema.Kind;
import dev.interdict.schema.Position;
import dev.interdict.schema.StreamEnd;
import dev.interdict.schema.Subscribe;
import dev.interdict.schema.Subscribed;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A node that sends what is no frame, or not its own, is closed; the node beside it streams on. */
class FrameRefusalTest {
  private static final NodeId BAD = new NodeId(1, 2);
  private static final NodeId GOOD = new NodeId(3, 4);

  private final BackplaneFixture bus = new BackplaneFixture();

  // These nodes are made by hand and seal nothing, as those of the first protocol version.
  private final BusClient consumer =
      bus.closeLater(
          BusClient.connect(
              bus.config(bus.issue(Role.CONSUMER, "job")).withAcceptUnsealed(true), "job"));

  FrameRefusalTest() throws IOException {}

  @AfterEach
  void stop() throws IOException {
    bus.close();
  }

  @FunctionalInterface
  interface Sabotage {
    byte[] apply(byte[] frame);
  }

  static Stream<Arguments> shouldRefuse() {
    return Stream.of(
        refused("magic", "magic", f -> RawPeer.altered(f, b -> b.setIntLE(0, 0x12345678))),
        refused("version", "version=7", f -> RawPeer.altered(f, b -> b.setShortLE(4, 7))),
        refused("codec", "codec=9", f -> RawPeer.altered(f, b -> b.setByte(6, 9))),
        refused(
            "length below the frame's",
            "frameLength=",
            f ->
                RawPeer.altered(
                    f, b -> b.setIntLE(12, b.getIntLE(12) - 1).setIntLE(16, b.getIntLE(16) - 1))),
        refused(
            "length above the limit",
            "bodyLength=2000000 limit=1048576",
            f -> RawPeer.altered(f, b -> b.setIntLE(12, 2_000_000))),
        refused(
            "count",
            "count=70000 limit=65536",
            f -> RawPeer.altered(f, b -> b.setIntLE(20, 70_000))),
        refused("checksum", "checksum=", f -> RawPeer.altered(f, b -> b.setByte(100, 'X'))),
        refused("truncated body", "frameLength=", f -> RawPeer.truncated(f, f.length - 1)),
        refused("truncated header", "truncated", f -> RawPeer.truncated(f, 40)),
        refused("nothing at all", "truncated", f -> new byte[0]),
        refused("another node's frame", GOOD.toString(), f -> frame(GOOD)));
  }

  private static Arguments refused(String what, String message, Sabotage sabotage) {
    return Arguments.of(what, message, sabotage);
  }

  private static byte[] frame(NodeId node) {
    byte[] event = Event.newBuilder().setTime(1).setKind(Kind.EXEC).build().toByteArray();
    try (FrameEncoder encoder = new FrameEncoder()) {
      encoder.begin(node, 1, 0, 1);
      encoder.add(1, event, 0, event.length);
      ByteBuffer frame = encoder.finish(1, 1);
      byte[] bytes = new byte[frame.remaining()];
      frame.get(bytes);
      return bytes;
    }
  }

  private RawPeer node(NodeId id) throws IOException {
    return bus.closeLater(RawPeer.greeted(bus.address(), bus.issue(Role.NODE, id.toString())));
  }

  private EventStream subscribe(NodeId id) {
    return consumer.subscribe(
        Subscribe.newBuilder()
            .setNode(id.toString())
            .setFrom(Position.newBuilder().setNode(id.toString()).setEpoch(1).setSequence(1))
            .build());
  }

  /** The number of the stream that the backplane has opened on this node. */
  private static int accept(RawPeer node) throws IOException {
    int stream = node.await(MessageType.SUBSCRIBE).stream;
    node.send(
        MessageType.SUBSCRIBED,
        stream,
        Subscribed.newBuilder().setEpoch(1).setNextSequence(1).build().toByteArray());
    return stream;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void shouldRefuse(String what, String message, Sabotage sabotage) throws Exception {
    RawPeer bad = node(BAD);
    RawPeer good = node(GOOD);
    EventStream badStream = subscribe(BAD);
    EventStream goodStream = subscribe(GOOD);
    int badNumber = accept(bad);
    int goodNumber = accept(good);

    bad.send(MessageType.FRAME, Message.END_OF_BATCH, badNumber, sabotage.apply(frame(BAD)));

    Goodbye goodbye = bad.awaitGoodbye();
    assertThat(goodbye.getCode()).isIn(Goodbye.Code.PROTOCOL, Goodbye.Code.FORBIDDEN);
    assertThat(goodbye.getMessage()).contains(message);
    good.send(MessageType.FRAME, Message.END_OF_BATCH, goodNumber, frame(GOOD));
    await().until(goodStream.available()::isDone);
    try (EventBatch batch = goodStream.poll()) {
      assertThat(batch.next()).isTrue();
      assertThat(batch.sequence()).isEqualTo(1);
    }
    assertThat(badStream.poll()).isNull();
    assertThat(badStream.end()).isNull();
    assertThat(bus.backplane().nodes()).isEqualTo(1);
  }

  @Test
  void shouldRefuseFramesWithoutCredit() throws Exception {
    RawPeer greedy = node(BAD);
    consumer.subscribe(
        Subscribe.newBuilder().setNode(BAD.toString()).setCredit(frame(BAD).length).build());
    int stream = accept(greedy);

    greedy.send(MessageType.FRAME, Message.END_OF_BATCH, stream, frame(BAD));
    greedy.send(MessageType.FRAME, Message.END_OF_BATCH, stream, frame(BAD));

    Goodbye goodbye = greedy.awaitGoodbye();
    assertThat(goodbye.getCode()).isEqualTo(Goodbye.Code.LIMIT);
    assertThat(goodbye.getMessage()).contains("without credit");
  }

  @Test
  void shouldRefuseBatchesWithoutAnEnd() throws Exception {
    RawPeer endless = node(BAD);
    subscribe(BAD);
    int stream = accept(endless);
    byte[] event = new byte[200_000];
    new Random(1).nextBytes(event);
    ByteBuffer.wrap(event)
        .put(Event.newBuilder().setTime(1).setKind(Kind.EXEC).build().toByteArray());
    byte[] large;
    try (FrameEncoder encoder = new FrameEncoder()) {
      encoder.begin(BAD, 1, 0, 1);
      for (int i = 1; i <= 5; i++) {
        encoder.add(i, event, 0, event.length);
      }
      ByteBuffer frame = encoder.finish(5, 1);
      large = new byte[frame.remaining()];
      frame.get(large);
    }
    for (int sent = 0; sent <= Relay.MAX_BATCH_BYTES; sent += large.length) {
      endless.send(MessageType.FRAME, stream, large);
    }

    assertThat(endless.awaitGoodbye().getMessage()).contains("batchBytes=");
  }

  @Test
  void shouldNotBelieveACodeThatIsNone() throws Exception {
    RawPeer node = node(BAD);
    EventStream stream = subscribe(BAD);
    int number = accept(node);

    node.send(
        MessageType.STREAM_END,
        number,
        StreamEnd.newBuilder().setCodeValue(77).build().toByteArray());

    // Not known here: asked again rather than given up.
    accept(node);
    assertThat(stream.end()).isNull();
  }
}
