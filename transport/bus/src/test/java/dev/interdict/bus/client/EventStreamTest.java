package dev.interdict.bus.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interdict.bus.backplane.BackplaneFixture;
import dev.interdict.bus.tls.Role;
import dev.interdict.schema.Kind;
import dev.interdict.schema.StreamEnd;
import dev.interdict.schema.Subscribe;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventStreamTest {
  private final BackplaneFixture bus = new BackplaneFixture();
  private TestNode node;
  private BusClient client;

  EventStreamTest() throws IOException {}

  @BeforeEach
  void start(@TempDir Path directory) throws IOException {
    node = bus.closeLater(new TestNode(bus, directory.resolve("node")));
    client = bus.client(Role.CONSUMER, "job");
  }

  @AfterEach
  void stop() throws IOException {
    bus.close();
  }

  private Subscribe.Builder from(long sequence) {
    return Subscribe.newBuilder()
        .setNode(node.name())
        .setFrom(node.wireAt(sequence))
        .setCheckpointed(true);
  }

  private StreamReader read(Subscribe.Builder request) {
    return new StreamReader(client.subscribe(request.build()));
  }

  private static List<Long> range(long first, long last) {
    return LongStream.rangeClosed(first, last).boxed().collect(Collectors.toList());
  }

  /** The node's writer: many small batches while the test reads. */
  private CompletableFuture<Void> writeMeanwhile(int batches) {
    return CompletableFuture.runAsync(
        () -> {
          for (int i = 0; i < batches; i++) {
            node.write(5);
            LockSupport.parkNanos(500_000);
          }
        });
  }

  @Test
  void shouldGiveEveryEventOnceFromAPositionAndThenLive() throws Exception {
    for (int i = 0; i < 100; i++) {
      node.write(7);
    }
    CompletableFuture<Void> writer = writeMeanwhile(200);

    StreamReader reader = read(from(500));
    reader.readTo(1700);

    writer.join();
    assertThat(reader.sequences).isEqualTo(range(500, 1700));
  }

  @Test
  void shouldBeginWithWhatComesNextIfNoPositionIsGiven() throws Exception {
    node.write(10);
    StreamReader reader = read(Subscribe.newBuilder().setNode(node.name()));
    EventStream stream = client.subscribe(Subscribe.newBuilder().setNode(node.name()).build());
    await().until(() -> stream.resume() != null);
    assertThat(stream.resume()).isEqualTo(node.at(11));

    // The first stream was asked for before the second, so it has begun, too.
    node.write(5);
    reader.readTo(15);

    assertThat(reader.sequences).isEqualTo(range(11, 15));
  }

  @Test
  void shouldBoundWhatIsOnItsWayByTheCredit() throws Exception {
    String noise = TestNode.noise(10_000);
    for (int i = 0; i < 40; i++) {
      node.write(10, noise);
    }
    long window = 300_000;
    long batch = 110_000;

    EventStream stream = client.subscribe(from(1).setCredit(window).build());
    stream.available().get();
    await()
        .during(java.time.Duration.ofMillis(300))
        .until(() -> bus.backplane().counters().frameBytes.sum() < window + batch);
    assertThat(bus.backplane().counters().frameBytes.sum()).isGreaterThan(window / 2);

    StreamReader reader = new StreamReader(stream);
    reader.readTo(400);
    assertThat(reader.sequences).isEqualTo(range(1, 400));
  }

  @Test
  void shouldSendBatchesLargerThanTheCredit() throws Exception {
    node.write(10, TestNode.noise(10_000));
    node.write(10, TestNode.noise(10_000));

    StreamReader reader = read(from(1).setCredit(1));
    reader.readTo(20);

    assertThat(reader.sequences).isEqualTo(range(1, 20));
  }

  @Test
  void shouldLetASlowConsumerSlowOnlyItself() throws Exception {
    String noise = TestNode.noise(10_000);
    for (int i = 0; i < 60; i++) {
      node.write(10, noise);
    }
    EventStream neverPolled = client.subscribe(from(1).setCredit(200_000).build());
    BusClient otherClient = bus.client(Role.CONSUMER, "other");
    neverPolled.available().get();

    StreamReader same = read(from(1));
    StreamReader other = new StreamReader(otherClient.subscribe(from(1).build()));
    same.readTo(600);
    other.readTo(600);

    assertThat(same.sequences).hasSize(600);
    assertThat(other.sequences).hasSize(600);
    StreamReader late = new StreamReader(neverPolled);
    late.readTo(600);
    assertThat(late.sequences).isEqualTo(range(1, 600));
  }

  @Test
  void shouldMoveTheClockOverWhatWasNotAskedFor() throws Exception {
    for (int i = 0; i < 50; i++) {
      node.write(Kind.OPEN, "");
      node.recorder.flush();
    }
    StreamReader reader = read(from(1).addKinds(Kind.EXEC));
    reader.readTo(50);
    assertThat(reader.sequences).isEmpty();
    assertThat(reader.clock).isEqualTo(TestNode.START + 50_000_000);

    node.write(Kind.OPEN, "");
    node.write(Kind.EXEC, "");
    node.write(Kind.CONNECT, "");
    node.recorder.flush();
    reader.readTo(53);
    node.write(Kind.OPEN, "");
    node.recorder.flush();
    reader.readTo(54);

    assertThat(reader.sequences).containsExactly(52L);
    assertThat(reader.clock).isEqualTo(TestNode.START + 54_000_000);
  }

  @Test
  void shouldGoOnWhereItWasWhenTheBackplaneIsStartedAgain() throws Exception {
    node.write(100);
    StreamReader reader = read(from(1));
    reader.readTo(100);
    CompletableFuture<Void> writer = writeMeanwhile(300);

    reader.readTo(400);
    bus.stopBackplane();
    bus.restartBackplane();
    reader.readTo(1000);
    bus.stopBackplane();
    bus.restartBackplane();
    reader.readTo(1600);

    writer.join();
    assertThat(reader.sequences).isEqualTo(range(1, 1600));
  }

  @Test
  void shouldSayWhyAPositionIsRefused() throws Exception {
    node.write(10);

    EventStream stream = client.subscribe(from(1000).build());
    new StreamReader(stream).readToEnd();

    assertThat(stream.end().getCode()).isEqualTo(StreamEnd.Code.REFUSED);
    assertThat(stream.end().getMessage()).contains("1000").contains("head=10");
  }

  @Test
  void shouldEndWhereTheTimeRangeEnds() throws Exception {
    for (int i = 0; i < 10; i++) {
      node.write(10);
    }
    EventStream stream =
        client.subscribe(
            Subscribe.newBuilder()
                .setNode(node.name())
                .setFromTime(TestNode.START + 25_000_000)
                .setUntilTime(TestNode.START + 75_000_000)
                .build());
    StreamReader reader = new StreamReader(stream);
    reader.readToEnd();

    assertThat(stream.end().getCode()).isEqualTo(StreamEnd.Code.DONE);
    assertThat(reader.sequences).isEqualTo(range(25, 74));
  }

  @Test
  void shouldServeOnlyTheNewestHolderOfAConsumersName() throws Exception {
    node.write(10);
    EventStream second = client.subscribe(from(1).setFence(2).build());
    new StreamReader(second).readTo(10);

    BusClient sameName = BusClient.connect(bus.config(bus.issue(Role.CONSUMER, "job")), "job");
    bus.closeLater(sameName);
    EventStream first = sameName.subscribe(from(1).setFence(1).build());
    new StreamReader(first).readToEnd();
    assertThat(first.end().getCode()).isEqualTo(StreamEnd.Code.FENCED);

    EventStream third = sameName.subscribe(from(1).setFence(3).build());
    new StreamReader(third).readTo(10);
    new StreamReader(second).readToEnd();
    assertThat(second.end().getCode()).isEqualTo(StreamEnd.Code.FENCED);
  }

  @Test
  void shouldWaitForANodeThatIsNotThere(@TempDir Path directory) throws Exception {
    TestNode other = new TestNode(bus, directory.resolve("other"));
    other.write(10);
    StreamReader reader =
        read(Subscribe.newBuilder().setNode(other.name()).setFrom(other.wireAt(1)));
    reader.readTo(10);
    other.close();

    TestNode back = bus.closeLater(new TestNode(bus, directory.resolve("other")));
    back.write(10);
    reader.readTo(20);

    assertThat(reader.sequences).isEqualTo(range(1, 20));
    assertThat(reader.epochs).hasSize(1);
  }
}
