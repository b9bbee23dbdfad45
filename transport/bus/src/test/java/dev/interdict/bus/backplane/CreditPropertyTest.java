package dev.interdict.bus.backplane;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interdict.bus.backplane.RawPeer.Received;
import dev.interdict.bus.client.NodeLink;
import dev.interdict.bus.tls.Role;
import dev.interdict.bus.wire.Message;
import dev.interdict.bus.wire.MessageType;
import dev.interdict.record.FrameDecoder;
import dev.interdict.record.Recorder;
import dev.interdict.record.RecorderConfig;
import dev.interdict.schema.CommandResult;
import dev.interdict.schema.Credit;
import dev.interdict.schema.Event;
import dev.interdict.schema.FileOperation;
import dev.interdict.schema.Kind;
import dev.interdict.schema.NodeInfo;
import dev.interdict.schema.Position;
import dev.interdict.schema.Presence;
import dev.interdict.schema.Subscribe;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.Random;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever the batches and whatever is granted when: no batch begins without credit, one that has
 * begun is sent whole, and everything comes once as long as credit comes.
 */
class CreditPropertyTest {
  private static final int STREAM = 1;
  private static final Kind[] KINDS = {Kind.EXEC, Kind.CONNECT, Kind.OPEN};

  private final BackplaneFixture bus = new BackplaneFixture();
  private long granted;
  private long received;

  CreditPropertyTest() throws IOException {}

  @AfterEach
  void stop() throws IOException {
    bus.close();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void shouldSendNoMoreThanWasGranted(long seed, @TempDir Path directory) throws IOException {
    Random random = new Random(seed);
    try (Recorder recorder = Recorder.open(RecorderConfig.of(directory));
        NodeLink link =
            new NodeLink(
                bus.config(bus.issue(Role.NODE, recorder.node().toString())),
                recorder,
                NodeInfo.getDefaultInstance(),
                command -> CommandResult.getDefaultInstance())) {
      write(recorder, random, 60);
      Awaitility.await().until(() -> link.connections() == 1);
      try (RawPeer consumer = RawPeer.greeted(bus.address(), bus.issue(Role.CONSUMER, "raw"))) {
        awaitPresence(consumer);
        granted = 1 + random.nextInt(20_000);
        consumer.send(MessageType.SUBSCRIBE, STREAM, subscribe(recorder));
        BitSet sequences = new BitSet();
        readAll(consumer, recorder.lastSequence(), random, sequences);
        assertThat(sequences.cardinality()).isEqualTo((int) recorder.lastSequence());
      }
    }
  }

  private void readAll(RawPeer consumer, long last, Random random, BitSet sequences)
      throws IOException {
    try (FrameDecoder decoder = new FrameDecoder()) {
      boolean begins = true;
      while (sequences.cardinality() < last) {
        // Now and then before it is needed, and always when it is.
        while (received >= granted && begins || random.nextInt(8) == 0) {
          long more = 1 + random.nextInt(random.nextBoolean() ? 100 : 60_000);
          granted += more;
          consumer.send(
              MessageType.CREDIT, STREAM, Credit.newBuilder().setBytes(more).build().toByteArray());
        }
        Received message = consumer.read();
        if (message.type == MessageType.PING.code()) {
          consumer.send(MessageType.PONG, 0, new byte[0]);
        } else if (message.type == MessageType.FRAME.code()) {
          if (begins) {
            assertThat(received).as("bytes before a batch").isLessThan(granted);
          }
          received += message.payload.length;
          decoder.wrap(ByteBuffer.wrap(message.payload));
          while (decoder.next()) {
            int sequence = (int) decoder.sequence();
            assertThat(sequences.get(sequence)).as("twice: %d", sequence).isFalse();
            sequences.set(sequence);
          }
          begins = (message.flags & Message.END_OF_BATCH) != 0;
        } else if (message.type == MessageType.PROGRESS.code()) {
          begins |= (message.flags & Message.END_OF_BATCH) != 0;
        } else {
          assertThat(message.type).isIn(MessageType.SUBSCRIBED.code(), MessageType.PRESENCE.code());
        }
      }
    }
  }

  private static void awaitPresence(RawPeer consumer) throws IOException {
    consumer.send(MessageType.WATCH_PRESENCE, 0, new byte[0]);
    while (!Presence.parseFrom(consumer.await(MessageType.PRESENCE).payload).getConnected()) {
      continue;
    }
  }

  private byte[] subscribe(Recorder recorder) {
    String node = recorder.node().toString();
    return Subscribe.newBuilder()
        .setNode(node)
        .setFrom(Position.newBuilder().setNode(node).setEpoch(recorder.epoch()).setSequence(1))
        .setCheckpointed(true)
        .setCredit(granted)
        .build()
        .toByteArray();
  }

  private static void write(Recorder recorder, Random random, int batches) {
    for (int batch = 0; batch < batches; batch++) {
      for (int i = 1 + random.nextInt(20); i > 0; i--) {
        StringBuilder path = new StringBuilder("/");
        for (int c = random.nextInt(random.nextInt(10) == 0 ? 8_000 : 100); c > 0; c--) {
          path.append((char) (' ' + random.nextInt(94)));
        }
        int lane = random.nextInt(KINDS.length);
        byte[] event =
            Event.newBuilder()
                .setTime(System.currentTimeMillis() * 1_000_000)
                .setKind(KINDS[lane])
                .setOpen(FileOperation.newBuilder().setPath(path.toString()))
                .build()
                .toByteArray();
        recorder.append(lane, event, 0, event.length);
      }
      recorder.flush();
    }
  }
}
