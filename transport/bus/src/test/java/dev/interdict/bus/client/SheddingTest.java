package dev.interdict.bus.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interdict.bus.backplane.BackplaneFixture;
import dev.interdict.bus.tls.Role;
import dev.interdict.schema.CommandResult;
import dev.interdict.schema.Gap;
import dev.interdict.schema.Lane;
import dev.interdict.schema.NodeInfo;
import dev.interdict.schema.Subscribe;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A live stream whose consumer is too slow leaves out what matters least, and says how much. */
class SheddingTest {
  private static final String NOISE = TestNode.noise(3000);

  private final BackplaneFixture bus = new BackplaneFixture();
  private final BusClient client = bus.client(Role.CONSUMER, "job");

  @TempDir Path directory;

  SheddingTest() throws IOException {}

  @AfterEach
  void stop() throws IOException {
    bus.close();
  }

  private TestNode node(Duration shedAfter) throws IOException {
    return bus.closeLater(
        new TestNode(
            bus,
            directory,
            command -> CommandResult.getDefaultInstance(),
            NodeInfo.getDefaultInstance(),
            config -> config.withShedAfter(shedAfter)));
  }

  /** A stream at the head, with room for a few batches. */
  private EventStream live(TestNode node, boolean checkpointed) {
    EventStream stream =
        client.subscribe(
            Subscribe.newBuilder()
                .setNode(node.name())
                .setCredit(40_000)
                .setCheckpointed(checkpointed)
                .build());
    await().until(() -> stream.resume() != null);
    return stream;
  }

  /** So long that the stream is behind by it; each batch has one event in each lane. */
  private static void write(TestNode node, int batches, Duration pause) {
    for (int i = 0; i < batches; i++) {
      node.write(3, NOISE);
      LockSupport.parkNanos(pause.toNanos());
    }
  }

  private static long told(StreamReader reader, Lane lane) {
    return reader.gaps.stream()
        .filter(gap -> gap.getGap().getLane() == lane)
        .mapToLong(gap -> gap.getGap().getCount())
        .sum();
  }

  private static long received(StreamReader reader, int remainder) {
    return reader.sequences.stream().filter(sequence -> sequence % 3 == remainder).count();
  }

  @Test
  void shouldLeaveOutFilesAndSayHowMany() throws Exception {
    TestNode node = node(Duration.ofMillis(600));
    EventStream stream = live(node, false);
    write(node, 150, Duration.ofMillis(6));

    StreamReader reader = new StreamReader(stream);
    reader.readTo(450);

    // Events of one lane have the same remainder: 1 process, 2 network, 0 file.
    assertThat(told(reader, Lane.FILE)).isPositive();
    assertThat(received(reader, 0) + told(reader, Lane.FILE)).isEqualTo(150);
    assertThat(received(reader, 2) + told(reader, Lane.NETWORK)).isEqualTo(150);
    assertThat(received(reader, 1) + told(reader, Lane.PROCESS)).isEqualTo(150);
    assertThat(told(reader, Lane.PROCESS)).isLessThanOrEqualTo(told(reader, Lane.FILE));
    assertThat(reader.gaps)
        .allSatisfy(
            gap -> {
              assertThat(gap.getGap().getReason()).isEqualTo(Gap.Reason.SHED);
              assertThat(gap.getGap().getCounted()).isTrue();
              assertThat(gap.getGap().getFromTime()).isGreaterThanOrEqualTo(TestNode.START);
            });
    assertStillInTheRecorder(node, 450);
  }

  @Test
  void shouldGoOnAtTheHeadWhenItIsTooFarBehindForAll() throws Exception {
    TestNode node = node(Duration.ofMillis(20));
    EventStream stream = live(node, false);
    write(node, 100, Duration.ofMillis(6));

    StreamReader reader = new StreamReader(stream);
    reader.readTo(300);
    node.write(3);
    reader.readTo(303);

    assertThat(told(reader, Lane.PROCESS)).isPositive();
    assertThat(
            reader.sequences.size()
                + reader.gaps.stream().mapToLong(g -> g.getGap().getCount()).sum())
        .isEqualTo(303);
    assertThat(reader.sequences).endsWith(301L, 302L, 303L);
    assertStillInTheRecorder(node, 303);
  }

  private void assertStillInTheRecorder(TestNode node, long events) throws Exception {
    StreamReader again =
        new StreamReader(
            client.subscribe(
                Subscribe.newBuilder()
                    .setNode(node.name())
                    .setFrom(node.wireAt(1))
                    .setCheckpointed(true)
                    .build()));
    again.readTo(events);
    assertThat(again.sequences).hasSize((int) events);
  }

  @Test
  void shouldOnlyLagIfItIsCheckpointed() throws Exception {
    TestNode node = node(Duration.ofMillis(20));
    EventStream stream = live(node, true);
    write(node, 100, Duration.ofMillis(6));

    StreamReader reader = new StreamReader(stream);
    reader.readTo(300);

    List<Long> all = LongStream.rangeClosed(1, 300).boxed().collect(Collectors.toList());
    assertThat(reader.sequences).isEqualTo(all);
    assertThat(reader.gaps).isEmpty();
  }
}
