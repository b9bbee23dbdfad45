package dev.interdict.jobs;

import static dev.interdict.jobs.TestRules.exec;
import static dev.interdict.jobs.TestRules.tick;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interdict.jobs.source.Start;
import dev.interdict.record.NodeId;
import dev.interdict.storage.Catalog;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.flink.api.common.functions.MapFunction;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArchiveJobTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(20);

  @TempDir static Path directory;
  private static EmbeddedFlinks flink;

  @TempDir Path data;
  private final FakeBus bus = new FakeBus();
  private final Injected injected = new Injected();

  @BeforeAll
  static void start() throws IOException {
    flink = EmbeddedFlinks.start(directory, 2);
  }

  @AfterAll
  static void stop() throws IOException {
    flink.close();
  }

  @AfterEach
  void cancel() throws IOException {
    flink.cancelAll();
    bus.close();
    injected.close();
  }

  @Test
  void shouldHoldEachPositionOnceAfterAFailure() throws IOException, SQLException {
    Set<String> recorded = new TreeSet<>();
    List<FakeBus.Node> nodes = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      nodes.add(bus.node(NodeId.random()));
    }
    append(nodes, 1, 500, recorded);
    EmbeddedJob job = run(null);
    job.awaitRunning(TIMEOUT);
    job.awaitCheckpoint(TIMEOUT);
    injected.armAfter(900);
    append(nodes, 501, 1_000, recorded);
    await().atMost(TIMEOUT).until(() -> injected.failures() == 1);
    // While the task restarts there are no checkpoints.
    await().atMost(TIMEOUT).ignoreExceptions().until(() -> !job.awaitCheckpoint(TIMEOUT).isEmpty());
    String savepoint = job.stop(TIMEOUT);
    append(nodes, 1_001, 1_100, recorded);
    EmbeddedJob second = run(savepoint);
    second.awaitRunning(TIMEOUT);
    await().atMost(TIMEOUT).until(() -> archivedAfterCheckpoint(second).size() >= recorded.size());

    List<String> archived = archived();
    assertThat(archived).doesNotHaveDuplicates();
    assertThat(new TreeSet<>(archived)).isEqualTo(recorded);
  }

  private void append(List<FakeBus.Node> nodes, int from, int to, Set<String> recorded) {
    for (FakeBus.Node node : nodes) {
      for (int sequence = from; sequence <= to; sequence++) {
        long millis = sequence * 4_000L;
        node.append(sequence % 10 == 0 ? tick(millis) : exec("x", "box", millis));
        recorded.add(node.id() + "/1/" + sequence);
      }
    }
  }

  private List<String> archivedAfterCheckpoint(EmbeddedJob job) throws IOException, SQLException {
    job.awaitCheckpoint(TIMEOUT);
    return archived();
  }

  private List<String> archived() throws IOException, SQLException {
    return ArchivedPositions.in(new Catalog(data));
  }

  private EmbeddedJob run(String restoreFrom) throws IOException {
    ArchiveConfig config =
        new ArchiveConfig(
            BusAccess.files(List.of(), Path.of("unused")),
            new Catalog(data).events().toUri(),
            Start.EARLIEST);
    String key = injected.key();
    return flink.submit(
        2,
        restoreFrom,
        env ->
            ArchiveJob.build(
                env,
                config,
                bus.dialer(),
                events -> events.map(new Failing<>(key)).returns(events.getType()).uid("failing")));
  }

  private record Failing<T>(String key) implements MapFunction<T, T> {
    @Override
    public T map(T value) {
      Injected.pass(key);
      return value;
    }
  }
}
