package dev.interdict.benchmarks;

import dev.interdict.benchmarks.faults.ArchiveDay;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** Whether the archive has each event of a day once while all that carries it is killed. */
final class ArchiveDaySubject implements Subject {
  private static final int NODES = 100;
  private static final int QUICK_NODES = 10;
  private static final int EVENTS_PER_SECOND = 20;
  private static final int USUAL_MINUTES = 12;

  @Override
  public String name() {
    return "archive_day";
  }

  @Override
  public String about() {
    return "a day of 100 nodes into the archive while every process is killed: no Position may be"
        + " lost or doubled";
  }

  @Override
  public void measure(Table table, Settings settings) throws Exception {
    long seed = Settings.seed();
    Duration length = settings.length(Duration.ofSeconds(40), USUAL_MINUTES);
    Path directory = Files.createTempDirectory("interdict-day");
    ArchiveDay.Result result;
    try (ArchiveDay day =
        new ArchiveDay(
            directory,
            settings.quick() ? QUICK_NODES : NODES,
            EVENTS_PER_SECOND,
            length,
            seed,
            System.err)) {
      result = day.run();
    }
    result.killed().forEach((what, times) -> table.ours(what, "killed", times, "times"));
    table.ours("all", "nodes", result.nodes(), "nodes");
    table.ours("all", "hours", result.hours(), "hours");
    table.ours("all", "epochs", result.epochs(), "epochs");
    table.ours("all", "events", result.events(), "events");
    table.ours("all", "in_gaps", result.inGaps(), "events");
    table.ours("all", "doubled", result.doubled(), "events");
    table.ours("all", "missing", result.missing(), "events");
    table.ours("all", "behind", result.behind(), "events");
    table.ours("all", "files", result.files(), "files");
    table.ours("all", "bytes_per_event", (double) result.bytes() / result.events(), "B");
    table.note("as interdict storage verify tells it, compared with the recorders of all nodes");
    table.note("seed " + seed + ", " + length.toSeconds() + " s of real time");
    if (!result.complete()) {
      throw new IllegalStateException(
          "the archive is not complete, seed=" + seed + ", see " + directory);
    }
    ThrowAway.delete(directory);
  }
}
