package dev.interdict.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code interdict storage}: the upkeep of the archive. */
@Command(
    name = "storage",
    description =
        "Keeps the archive in order: compacts, retains, verifies, counts; fetches it from an object store;"
            + " describes it to other engines.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      StorageStatsCommand.class,
      StorageCompactCommand.class,
      StorageRetainCommand.class,
      StorageVerifyCommand.class,
      StorageUpkeepCommand.class,
      StorageFetchCommand.class,
      StorageDdlCommand.class
    },
    footer = {
      "",
      "Examples:",
      "  interdict storage stats",
      "  interdict storage compact --data /var/lib/interdict/archive",
      "  interdict storage retain --age 90d --size 400GB --dry-run",
      "  interdict storage verify --json",
      "  interdict storage upkeep --age 90d --every 1h",
      "  interdict storage fetch --data /tmp/archive s3://evidence/archive",
      "  interdict storage ddl flink"
    })
public final class StorageCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    CommandLine command = spec.commandLine();
    command.usage(command.getOut());
  }
}
