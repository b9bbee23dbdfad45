package dev.interdict.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interdict.storage.Catalog;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArchiveJobTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(20);

  @TempDir static Path directory;
  private static EmbeddedFlinks flink;

  @TempDir Path data;

  @BeforeAll
  static void start() throws IOException {
    flink = EmbeddedFlinks.start(directory, 2);
  }

  @AfterAll
  static void stop() throws IOException {
    flink.close();
  }

  @Test
  void shouldHoldEachPositionOnceAfterAFailure() throws IOException, SQLException {
    try (ArchiveRun run = new ArchiveRun(flink, 6, new Catalog(data).events().toUri())) {
      run.append(1, 500);
      EmbeddedJob job = run.start(null);
      job.awaitRunning(TIMEOUT);
      job.awaitCheckpoint(TIMEOUT);
      run.injected().armAfter(900);
      run.append(501, 1_000);
      await().atMost(TIMEOUT).until(() -> run.injected().failures() == 1);
      // While the task restarts there are no checkpoints.
      await()
          .atMost(TIMEOUT)
          .ignoreExceptions()
          .until(() -> !job.awaitCheckpoint(TIMEOUT).isEmpty());
      String savepoint = job.stop(TIMEOUT);
      run.append(1_001, 1_100);
      EmbeddedJob second = run.start(savepoint);
      second.awaitRunning(TIMEOUT);
      await()
          .atMost(TIMEOUT)
          .until(() -> archivedAfterCheckpoint(second).size() >= run.recorded().size());

      List<String> archived = archived();
      assertThat(archived).doesNotHaveDuplicates();
      assertThat(new TreeSet<>(archived)).isEqualTo(run.recorded());
    }
  }

  private List<String> archivedAfterCheckpoint(EmbeddedJob job) throws IOException, SQLException {
    job.awaitCheckpoint(TIMEOUT);
    return archived();
  }

  private List<String> archived() throws IOException, SQLException {
    return ArchivedPositions.in(new Catalog(data));
  }
}
