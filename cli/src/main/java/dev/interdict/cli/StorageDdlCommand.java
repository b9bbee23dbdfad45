package dev.interdict.cli;

import dev.interdict.storage.ArchiveDdl;
import dev.interdict.storage.ArchiveDdl.Dialect;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "ddl",
    description = {
      "Prints the statements by which another engine knows the tables of the archive.",
      "docs/storage.md says how each is set up."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "Examples:",
      "  interdict storage ddl flink > archive.sql && sql-client.sh -i archive.sql",
      "  interdict storage ddl trino --at s3://security/interdict"
    })
final class StorageDdlCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "ENGINE", description = "One of flink, spark, trino.")
  private String engine;

  @Option(
      names = "--at",
      paramLabel = "URI",
      defaultValue = "${env:INTERDICT_DATA:-/var/lib/interdict/archive}",
      description = {
        "Directory of the tables as the engine reaches it, such as s3://bucket/prefix",
        "(default: $INTERDICT_DATA or ${DEFAULT-VALUE})."
      })
  private String place;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    for (String statement : ArchiveDdl.statements(dialect(), location())) {
      out.println(statement + ";");
      out.println();
    }
    return ExitCode.OK;
  }

  private Dialect dialect() {
    try {
      return Dialect.of(engine);
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(
          ExitCode.USAGE, "unknown engine " + engine + ", known: flink, spark, trino", e);
    }
  }

  private URI location() {
    try {
      URI uri = URI.create(place);
      return uri.isAbsolute() ? uri : Path.of(place).toAbsolutePath().toUri();
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(
          ExitCode.USAGE, "--at " + place + " is no URI: " + e.getMessage(), e);
    }
  }
}
