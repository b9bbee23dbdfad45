package dev.interdict.jobs;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** An embedded cluster for jobs that only tests know; one serves all tests of a class. */
public final class EmbeddedFlinks implements AutoCloseable {
  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  private final EmbeddedFlink flink;
  private final List<EmbeddedJob> running = new ArrayList<>();

  private EmbeddedFlinks(EmbeddedFlink flink) {
    this.flink = flink;
  }

  public static EmbeddedFlinks start(Path directory, int slots) throws IOException {
    return new EmbeddedFlinks(
        EmbeddedFlink.start(
            new EmbeddedFlink.Settings(
                directory.resolve("flink"), slots, Duration.ofMillis(200), Duration.ofMillis(20))));
  }

  public EmbeddedJob submit(
      int parallelism, String restoreFrom, Consumer<StreamExecutionEnvironment> build)
      throws IOException {
    EmbeddedJob job = flink.submit("test", parallelism, restoreFrom, build);
    running.add(job);
    return job;
  }

  public void cancelAll() throws IOException {
    for (EmbeddedJob job : running) {
      if (job.state(TIMEOUT).equals("RUNNING") || job.state(TIMEOUT).equals("RESTARTING")) {
        job.cancel(TIMEOUT);
      }
    }
    running.clear();
  }

  @Override
  public void close() throws IOException {
    flink.close();
  }
}
