package dev.interdict.benchmarks.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A small fleet and a short day; the long one is {@code ./interdict bench archive_day}. */
final class ArchiveDayIT {
  @TempDir Path directory;

  @Test
  void shouldArchiveEachPositionOnceWhileEveryProcessIsKilled() throws Exception {
    long seed = Long.getLong("interdict.faults.seed", System.nanoTime());
    ArchiveDay.Result result;
    try (ArchiveDay day =
        new ArchiveDay(directory, 12, 20, Duration.ofSeconds(60), seed, System.out)) {
      result = day.run();
    }
    assertThat(result.complete()).as("seed=%d %s", seed, result.verified()).isTrue();
    assertThat(result.killed()).hasSize(5);
    assertThat(result.hours()).as("until the nodes run, some have passed").isGreaterThan(10);
    assertThat(result.events()).isGreaterThan(3_000);
    assertThat(result.epochs()).as("nodes that were killed").isGreaterThan(12);
  }
}
