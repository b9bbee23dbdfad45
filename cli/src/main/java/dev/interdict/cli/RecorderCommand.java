package dev.interdict.cli;

import dev.interdict.record.OfflineRecorder;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
    name = "recorder",
    description = "Read a recorder's directory, or a copy of one, without an agent.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      RecorderLsCommand.class,
      RecorderCatCommand.class,
      RecorderVerifyCommand.class,
      RecorderExportCommand.class
    })
final class RecorderCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    CommandLine command = spec.commandLine();
    command.usage(command.getOut());
  }

  static OfflineRecorder open(Path directory) {
    try {
      return OfflineRecorder.open(directory);
    } catch (IOException | IllegalArgumentException e) {
      throw new CommandFailure(ExitCode.USAGE, e.getMessage(), e);
    }
  }
}
