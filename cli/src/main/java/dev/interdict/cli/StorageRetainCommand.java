package dev.interdict.cli;

import dev.interdict.storage.Catalog;
import dev.interdict.storage.Retention;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "retain",
    description = {
      "Deletes the oldest hours of events, by age and then by size.",
      "Hours around an incident stay, of its node and those of the same prefix, and so do times",
      "that --hold names."
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

  @Mixin private RetentionOptions retention;

  @Option(names = "--dry-run", description = "Say what would go, and delete nothing.")
  private boolean dry;

  @Override
  public Integer call() throws IOException {
    long most = retention.bytes();
    if (age == null && most == 0) {
      throw new CommandFailure(ExitCode.USAGE, "nothing to retain by: give --age, --size or both");
    }
    Duration oldest = age == null ? null : StorageOptions.duration("--age", age);
    Catalog catalog = options.catalog();
    Retention.Result result =
        Retention.run(
            catalog, Instant.now(), oldest, most, retention.held(catalog), dry, options.progress());
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
      options
          .err()
          .println(
              "interdict storage retain: holds keep more than --size=" + StorageOptions.size(most));
      return ExitCode.FAILED;
    }
    return ExitCode.OK;
  }
}
