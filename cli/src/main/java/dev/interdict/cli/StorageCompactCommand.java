package dev.interdict.cli;

import dev.interdict.storage.Compaction;
import java.io.IOException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "compact",
    description = {
      "Makes one sorted file of the small files of each partition. Questions go on meanwhile.",
      "One at a time; `interdict storage upkeep` does it, too."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "Other engines that read the files do not know which are replaced: give --grace 0s there.",
      "",
      "Examples:",
      "  interdict storage compact",
      "  interdict storage compact --min-files 2 --grace 0s --json"
    })
final class StorageCompactCommand implements Callable<Integer> {
  @Mixin private StorageOptions options;

  @Option(
      names = "--min-files",
      paramLabel = "N",
      defaultValue = "" + Compaction.DEFAULT_MIN_FILES,
      description = "Fewer small files than this are left (default: ${DEFAULT-VALUE}).")
  private int minFiles;

  @Option(
      names = "--target",
      paramLabel = "SIZE",
      defaultValue = "128MB",
      description = "Files of this size are large enough (default: ${DEFAULT-VALUE}).")
  private String target;

  @Option(
      names = "--grace",
      paramLabel = "TIME",
      defaultValue = "10m",
      description = {
        "How long replaced files stay for questions that began before; a later run deletes them",
        "(default: ${DEFAULT-VALUE})."
      })
  private String grace;

  @Override
  public Integer call() throws IOException {
    Compaction compaction;
    try {
      compaction =
          new Compaction(
              options.catalog(),
              minFiles,
              StorageOptions.bytes("--target", target),
              StorageOptions.duration("--grace", grace));
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(ExitCode.USAGE, e.getMessage(), e);
    }
    Compaction.Result result = compaction.run(Instant.now(), options.progress());
    options.endProgress();
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("partitions", result.partitions());
    object.put("files", result.files());
    object.put("rows", result.rows());
    object.put("bytes_before", result.bytesBefore());
    object.put("bytes_after", result.bytesAfter());
    object.put("deleted_files", result.deleted());
    options.print(
        object,
        () ->
            options
                .out()
                .printf(
                    "%d files of %d partitions compacted, %d rows, %s to %s; %d old files deleted%n",
                    result.files(),
                    result.partitions(),
                    result.rows(),
                    StorageOptions.size(result.bytesBefore()),
                    StorageOptions.size(result.bytesAfter()),
                    result.deleted()));
    return ExitCode.OK;
  }
}
