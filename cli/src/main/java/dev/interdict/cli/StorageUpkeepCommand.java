package dev.interdict.cli;

import dev.interdict.storage.Catalog;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "upkeep",
    description = "Retains, compacts and counts, once or again and again; says what it did.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "Examples:",
      "  interdict storage upkeep",
      "  interdict storage upkeep --age 30d --size 400GB --every 1h",
      "  interdict storage upkeep --hold 2026-11-22T00:00:00Z/2026-11-24T00:00:00Z"
    })
final class StorageUpkeepCommand implements Callable<Integer> {
  @Mixin private StorageOptions options;

  @Option(
      names = "--age",
      paramLabel = "TIME",
      defaultValue = ArchiveUpkeep.DEFAULT_AGE,
      description = "Older hours go, unless they are held (default: ${DEFAULT-VALUE}).")
  private String age;

  @Mixin private RetentionOptions retention;

  @Option(names = "--every", paramLabel = "TIME", description = "Go on, with such a pause: 1h.")
  private String every;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Duration pause = every == null ? null : StorageOptions.duration("--every", every);
    if (pause != null && pause.isZero()) {
      throw new CommandFailure(ExitCode.USAGE, "invalid --every=" + every + ", at least 1s");
    }
    Duration oldest = StorageOptions.duration("--age", age);
    retention.check();
    while (true) {
      try {
        round(oldest);
      } catch (IOException e) {
        if (pause == null) {
          throw e;
        }
        options.err().println("interdict storage upkeep: " + e.getMessage());
      }
      if (pause == null) {
        return ExitCode.OK;
      }
      TimeUnit.SECONDS.sleep(pause.toSeconds());
    }
  }

  private void round(Duration oldest) throws IOException {
    if (!options.exists()) {
      options.out().println("no archive yet");
      return;
    }
    Catalog catalog = options.catalog();
    ArchiveUpkeep.run(
        catalog,
        oldest,
        retention.bytes(),
        retention.held(catalog),
        line -> options.out().println(Instant.now() + " " + line));
    options.out().flush();
  }
}
