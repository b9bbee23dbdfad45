package dev.interdict.cli;

import dev.interdict.response.ContainmentSummary;
import dev.interdict.response.LocalResponder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "release",
    description = "Undo a containment: thaw the processes, give the network back.",
    mixinStandardHelpOptions = true)
final class ReleaseCommand implements Callable<Integer> {
  @Parameters(paramLabel = "ID", description = "As `interdict containments` prints it.")
  private String id;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      defaultValue = "/var/lib/interdict/responder",
      description = "Data directory of the running responder (default: ${DEFAULT-VALUE}).")
  private Path data;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    ContainmentSummary released = new LocalResponder(data).release(id);
    String what = released.container().isEmpty() ? released.cgroup() : released.container();
    spec.commandLine()
        .getOut()
        .printf("%s released: %s on node %s%n", released.id(), what, released.node())
        .flush();
    return ExitCode.OK;
  }
}
