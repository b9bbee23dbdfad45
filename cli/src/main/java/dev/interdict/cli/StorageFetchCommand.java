package dev.interdict.cli;

import dev.interdict.jobs.archive.ArchiveFetch;
import dev.interdict.storage.Catalog;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code interdict storage fetch}: an archive in an object store, in a directory here. */
@Command(
    name = "fetch",
    description = {
      "Brings the directory of --data to what an archive in an object store holds, or some days of",
      "it, so that questions can be asked here: fetches what is new, deletes what is there no more."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Credentials are those of the environment: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a",
      "profile, or the role of the machine.",
      "",
      "Examples:",
      "  interdict storage fetch --data /tmp/archive --from 2026-11-20 s3://evidence/archive",
      "  interdict storage fetch --data /tmp/archive --store s3.endpoint=http://minio:9000 \\",
      "                          --store s3.path-style-access=true s3://evidence/archive",
      "  interdict query --data /tmp/archive \"SELECT count(*) FROM events\""
    })
final class StorageFetchCommand implements Callable<Integer> {
  @Mixin private StorageOptions options;

  @Parameters(
      paramLabel = "URI",
      description = "Of the archive: what is above events/ and alerts/, such as s3://BUCKET/PATH.")
  private URI archive;

  @Option(names = "--from", paramLabel = "DATE", description = "The first day, in UTC.")
  private LocalDate from;

  @Option(names = "--until", paramLabel = "DATE", description = "The last day, in UTC.")
  private LocalDate until;

  @Option(
      names = "--limit",
      paramLabel = "SIZE",
      defaultValue = "50GB",
      description = "Refuse to hold more here (default: ${DEFAULT-VALUE}).")
  private String limit;

  @Option(
      names = "--store",
      paramLabel = "KEY=VALUE",
      description = "A setting of Flink's file system for the store, such as s3.endpoint.")
  private Map<String, String> store = new LinkedHashMap<>();

  @Override
  public Integer call() throws IOException {
    if (archive.getScheme() == null) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "invalid archive=" + archive + ", expected a URI such as s3://BUCKET/PATH");
    }
    if (from != null && until != null && until.isBefore(from)) {
      throw new CommandFailure(
          ExitCode.USAGE, "invalid --until=" + until + ", it is before --from=" + from);
    }
    for (String key : store.keySet()) {
      if (key.contains("secret") || key.contains("access-key") || key.contains("access.key")) {
        throw new CommandFailure(
            ExitCode.USAGE,
            "--store "
                + key
                + " would be seen by all on this host: set AWS_ACCESS_KEY_ID and"
                + " AWS_SECRET_ACCESS_KEY, or use a profile");
      }
    }
    Path directory = options.made();
    ArchiveFetch.configure(store);
    ArchiveFetch.Result result =
        new ArchiveFetch(archive, new Catalog(directory), from, until)
            .run(StorageOptions.bytes("--limit", limit), options.progress());
    options.endProgress();
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("files", result.files());
    object.put("bytes", result.bytes());
    object.put("fetched", result.fetched());
    object.put("fetched_bytes", result.fetchedBytes());
    object.put("deleted", result.deleted());
    options.print(
        object,
        () ->
            options
                .out()
                .printf(
                    "%d files, %s in %s; %d fetched, %s; %d deleted%n",
                    result.files(),
                    StorageOptions.size(result.bytes()),
                    directory,
                    result.fetched(),
                    StorageOptions.size(result.fetchedBytes()),
                    result.deleted()));
    return ExitCode.OK;
  }
}
