package dev.interdict.cli;

import dev.interdict.storage.Catalog;
import dev.interdict.storage.Retention;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "retain",
    description = {
      "Deletes the oldest hours of events, by age and then by size.",
      "Hours around an incident stay, on its node, and so do times that --hold names."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "Examples:",
      "  interdict storage retain --age 90d --size 400GB --dry-run",
      "  interdict storage retain --age 30d --hold 2026-11-22T00:00:00Z/2026-11-24T00:00:00Z"
    })
final class StorageRetainCommand implements Callable<Integer> {
  @Mixin private StorageOptions options;

  @Option(names = "--age", paramLabel = "TIME", description = "Older hours go, such as 90d.")
  private String age;

  @Option(names = "--size", paramLabel = "SIZE", description = "Keep at most so much: 400GB.")
  private String size;

  @Option(
      names = "--hold",
      paramLabel = "FROM/UNTIL",
      description = "What is between these times stays, on all nodes; may be repeated.")
  private List<String> holds = new ArrayList<>();

  @Option(
      names = "--around",
      paramLabel = "TIME",
      defaultValue = "24h",
      description = "So much before and after an incident stays (default: ${DEFAULT-VALUE}).")
  private String around;

  @Option(names = "--dry-run", description = "Say what would go, and delete nothing.")
  private boolean dry;

  @Override
  public Integer call() throws IOException {
    if (age == null && size == null) {
      throw new CommandFailure(ExitCode.USAGE, "nothing to retain by: give --age, --size or both");
    }
    Duration oldest = age == null ? null : StorageOptions.duration("--age", age);
    long most = size == null ? 0 : StorageOptions.bytes("--size", size);
    Catalog catalog = options.catalog();
    List<Retention.Hold> held = new ArrayList<>();
    for (String hold : holds) {
      held.add(hold(hold));
    }
    held.addAll(Retention.incidents(catalog, StorageOptions.duration("--around", around)));
    Retention.Result result =
        Retention.run(catalog, Instant.now(), oldest, most, held, dry, options.progress());
    options.endProgress();
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("dry_run", dry);
    object.put("partitions", result.partitions());
    object.put("files", result.files());
    object.put("bytes", result.bytes());
    object.put("held_partitions", result.held());
    object.put("kept_bytes", result.kept());
    options.print(
        object,
        () ->
            options
                .out()
                .printf(
                    "%s %d files of %d partitions, %s; %d partitions held; %s kept%n",
                    dry ? "would delete" : "deleted",
                    result.files(),
                    result.partitions(),
                    StorageOptions.size(result.bytes()),
                    result.held(),
                    StorageOptions.size(result.kept())));
    if (most > 0 && result.kept() > most) {
      options.err().println("interdict storage retain: holds keep more than --size=" + size);
      return ExitCode.FAILED;
    }
    return ExitCode.OK;
  }

  static Retention.Hold hold(String text) {
    String[] ends = text.split("/", -1);
    try {
      if (ends.length == 2) {
        return new Retention.Hold(Instant.parse(ends[0]), Instant.parse(ends[1]), null);
      }
    } catch (DateTimeException | IllegalArgumentException e) {
      throw new CommandFailure(ExitCode.USAGE, "invalid --hold=" + text + ": " + e.getMessage(), e);
    }
    throw new CommandFailure(
        ExitCode.USAGE,
        "invalid --hold=" + text + ", such as 2026-11-22T00:00:00Z/2026-11-24T00:00:00Z");
  }
}
