package dev.interdict.bus.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interdict.bus.backplane.BackplaneConfig.Limits;
import dev.interdict.bus.backplane.BackplaneFixture;
import dev.interdict.bus.backplane.RawPeer;
import dev.interdict.bus.tls.Role;
import dev.interdict.bus.wire.MessageType;
import dev.interdict.schema.Kind;
import dev.interdict.schema.Subscribe;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who wants much does not get it at the expense of who wants little. */
class FairnessTest {
  private static final long QUEUE = 64 << 20;
  private static final int EVENT = 10_000;
  private static final long RATE = 2_000_000;

  private final String noise = TestNode.noise(EVENT);
  private BackplaneFixture bus;

  @TempDir Path directory;

  @AfterEach
  void stop() throws IOException {
    bus.close();
  }

  private void limit(Limits limits) throws IOException {
    bus = new BackplaneFixture(config -> config.withLimits(limits));
  }

  private TestNode node(String name, int batches) throws IOException {
    TestNode node = bus.closeLater(new TestNode(bus, directory.resolve(name)));
    for (int i = 0; i < batches; i++) {
      node.write(5, noise);
    }
    return node;
  }

  private static Subscribe all(TestNode node) {
    return Subscribe.newBuilder()
        .setNode(node.name())
        .setFrom(node.wireAt(1))
        .setCheckpointed(true)
        .build();
  }

  /** Reads on until the test ends; how far it is. */
  private static StreamReader reading(EventStream stream) {
    StreamReader reader = new StreamReader(stream);
    Thread thread =
        new Thread(
            () -> {
              try {
                reader.readToEnd();
              } catch (Exception e) {
                return; // the test is over
              }
            });
    thread.setDaemon(true);
    thread.start();
    return reader;
  }

  @Test
  void shouldHearASmallNodeBesideALargeOne() throws Exception {
    limit(new Limits(0, 0, RATE, QUEUE));
    BusClient client = bus.client(Role.CONSUMER, "job");
    TestNode large = node("large", 400);
    StreamReader greedy = reading(client.subscribe(all(large)));
    await().until(() -> greedy.covered > 0);

    TestNode small = node("small", 20);
    StreamReader modest = new StreamReader(client.subscribe(all(small)));
    long before = greedy.covered;
    modest.readTo(100);

    // A window of each is on its way; what is beyond it was shared.
    assertThat(greedy.covered - before).isLessThan(100 + 2 * ((1 << 20) / EVENT) + 20);
  }

  @Test
  void shouldGiveTwoConsumersTheSameHoweverMuchOneAsksFor() throws Exception {
    limit(new Limits(RATE, 0, 0, QUEUE));
    TestNode node = node("node", 200);
    BusClient greedyClient = bus.client(Role.CONSUMER, "greedy");
    List<StreamReader> greedy = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      greedy.add(reading(greedyClient.subscribe(all(node))));
    }
    await().until(() -> greedy.stream().allMatch(reader -> reader.covered > 0));

    long before = greedy.stream().mapToLong(reader -> reader.covered).sum();
    StreamReader modest =
        new StreamReader(bus.client(Role.CONSUMER, "modest").subscribe(all(node)));
    modest.readTo(300);

    long meanwhile = greedy.stream().mapToLong(reader -> reader.covered).sum() - before;
    assertThat(meanwhile).isBetween(100L, 500L);
  }

  @Test
  void shouldHoldEachNodeToItsRate() throws Exception {
    limit(new Limits(0, RATE, 0, QUEUE));
    TestNode node = node("node", 120);
    BusClient client = bus.client(Role.CONSUMER, "job");
    await().until(() -> bus.backplane().nodes() == 1);

    long started = System.nanoTime();
    new StreamReader(client.subscribe(all(node))).readTo(600);
    double seconds = (System.nanoTime() - started) / 1e9;

    // Less the burst of a tenth of a second.
    double atLeast = (double) bus.backplane().counters().frameBytes.sum() / RATE - 0.15;
    assertThat(atLeast).isGreaterThan(1);
    assertThat(seconds).isBetween(atLeast, 3 * atLeast);
  }

  @Test
  void shouldLetWhatHappensNowOvertakeWhatIsReplayed() throws Exception {
    limit(new Limits(0, 0, RATE / 2, QUEUE));
    TestNode past = node("past", 200);
    TestNode present = node("present", 1);
    BusClient client = bus.client(Role.CONSUMER, "job");
    EventStream liveStream =
        client.subscribe(Subscribe.newBuilder().setNode(present.name()).build());
    await().until(() -> liveStream.resume() != null);
    StreamReader replay = reading(client.subscribe(all(past)));
    await().until(() -> replay.covered > 100);

    StreamReader live = new StreamReader(liveStream);
    for (int i = 0; i < 10; i++) {
      long before = replay.covered;
      present.write(Kind.EXEC, "");
      present.recorder.flush();
      live.readTo(6 + i);
      // In turns of equal size it would be behind a window of 1 MiB.
      assertThat(replay.covered - before).isLessThan(60);
    }
    assertThat(replay.covered).isLessThan(1000);
  }

  @Test
  void shouldCutOffAConsumerThatDoesNotReadAndKeepTheOthers() throws Exception {
    limit(new Limits(0, 0, 0, 1 << 20));
    TestNode node = node("node", 600);
    BusClient other = bus.client(Role.CONSUMER, "other");
    await().until(() -> bus.backplane().nodes() == 1);
    try (RawPeer deaf = RawPeer.greeted(bus.address(), bus.issue(Role.CONSUMER, "deaf"))) {
      for (int stream = 1; stream < 8; stream += 2) {
        deaf.send(
            MessageType.SUBSCRIBE,
            stream,
            all(node).toBuilder().setCredit(16 << 20).build().toByteArray());
      }
      await().until(() -> bus.backplane().counters().overflows.sum() > 0);

      StreamReader reader = new StreamReader(other.subscribe(all(node)));
      reader.readTo(3000);
      assertThat(reader.sequences).hasSize(3000);
      assertThat(bus.backplane().counters().queuedBytes.sum()).isLessThan(4 << 20);
    }
    await().until(() -> bus.backplane().counters().queuedBytes.sum() == 0);
  }
}
