package dev.interdict.cli;

import dev.interdict.response.ContainmentSummary;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "contain",
    description = {
      "Cut a cgroup of a node from the network, freeze it, or both, whatever the policies say.",
      "Nothing is done while all is stopped; the node refuses what it protects."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  interdict contain --node 5d2c1e0a-7a30-4e0f-9a53-0123456789ab --cut /system.slice/web.service",
      "  interdict containments   # what came of it"
    })
final class ContainCommand implements Callable<Integer> {
  private static final int MAX_SECONDS = 604_800;

  @Mixin private ResponderOption asked;

  @Option(
      names = "--node",
      required = true,
      paramLabel = "ID",
      description = "As `interdict nodes` prints it.")
  private String node;

  @Option(names = "--cut", description = "Nothing in, nothing out.")
  private boolean cut;

  @Option(names = "--freeze", description = "No process runs.")
  private boolean freeze;

  @Option(
      names = "--seconds",
      defaultValue = "600",
      description = "Then the node undoes it by itself (default: ${DEFAULT-VALUE}).")
  private int seconds;

  @Parameters(paramLabel = "CGROUP", description = "Path below the cgroup v2 root.")
  private String cgroup;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    if (!cut && !freeze) {
      throw new CommandFailure(ExitCode.USAGE, "nothing to do: give --cut, --freeze or both");
    }
    if (seconds < 1 || seconds > MAX_SECONDS) {
      throw new CommandFailure(
          ExitCode.USAGE, "invalid --seconds=" + seconds + " expected 1 to " + MAX_SECONDS);
    }
    ContainmentSummary record =
        asked
            .responder()
            .contain(node, cgroup, cut, freeze, Duration.ofSeconds(seconds), asked.by());
    spec.commandLine().getOut().printf("%s %s%n", record.id(), record.reason()).flush();
    return ExitCode.OK;
  }
}
