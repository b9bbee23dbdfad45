package dev.interdict.benchmarks;

import dev.interdict.benchmarks.faults.Fault;
import dev.interdict.benchmarks.faults.FaultRun;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** Whether anything is lost or doubled when processes, links and disks fail. */
final class FaultsSubject implements Subject {
  private static final int USUAL_MINUTES = 5;

  @Override
  public String name() {
    return "faults";
  }

  @Override
  public String about() {
    return "events that are lost or doubled when processes, links and the disk fail: none may be";
  }

  @Override
  public void measure(Table table, Settings settings) throws Exception {
    long seed = Settings.seed();
    Duration length = settings.length(Duration.ofSeconds(20), USUAL_MINUTES);
    Path directory = Files.createTempDirectory("interdict-faults");
    FaultRun.Result result;
    try (FaultRun run = new FaultRun(directory, seed, System.err)) {
      result = run.run(length);
    }
    for (Fault fault : Fault.values()) {
      String subcase = fault.name().toLowerCase(java.util.Locale.ROOT);
      if (result.injected().containsKey(fault)) {
        table.ours(subcase, "injected", result.injected().get(fault), "times");
        if (result.resumedMillis().containsKey(fault)) {
          table.ours(subcase, "resumed_after_at_most", result.resumedMillis().get(fault), "ms");
        }
      }
    }
    table.ours("all", "acknowledged", result.acknowledged(), "events");
    table.ours("all", "delivered", result.delivered(), "events");
    table.ours("all", "in_gaps", result.inGaps(), "events");
    table.ours("all", "missing", result.missing(), "events");
    table.ours("all", "repeated", result.repeated(), "events");
    table.note(
        "resumed: from when a fault is over to what the consumer writes next, with the start of a"
            + " JVM where one was killed, and its 100 ms between checkpoints");
    table.note("seed " + seed + ", " + length.toSeconds() + " s; gaps told: " + result.gaps());
    if (!result.impossible().isEmpty()) {
      table.note("this machine does not allow: " + result.impossible());
    }
    if (result.missing() > 0 || result.repeated() > 0) {
      throw new IllegalStateException(
          "events were lost or doubled, seed="
              + seed
              + ", see "
              + directory
              + ": "
              + result.summary());
    }
    ThrowAway.delete(directory);
  }
}
