package dev.interdict.cli;

import dev.interdict.cli.demo.DemoCommand;
import picocli.AutoComplete.GenerateCompletion;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;

/** The {@code interdict} command. One class per subcommand; exit codes are in {@link ExitCode}. */
@Command(
    name = "interdict",
    description = "Stops attacks on Linux hosts and in Kubernetes while they happen.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      DemoCommand.class,
      AgentCommand.class,
      BackplaneCommand.class,
      CertsCommand.class,
      DetectCommand.class,
      NodesCommand.class,
      QueryCommand.class,
      RecorderCommand.class,
      RulesCommand.class,
      RespondCommand.class,
      ContainmentsCommand.class,
      ReleaseCommand.class,
      HelpCommand.class,
      GenerateCompletion.class
    },
    footer = {
      "",
      "Examples:",
      "  interdict demo                      see a live attack recognised and stopped",
      "  interdict agent trace --kinds exec  watch what this host executes",
      "  interdict detect --rules DIR FILE   judge recorded events by your own rules",
      "  interdict query \"SELECT kind, count(*) FROM events GROUP BY kind\"",
      "",
      "Shell completion: source <(interdict generate-completion)"
    })
public final class Interdict implements Runnable {
  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  public static void main(String[] args) {
    boolean agent = args.length > 0 && args[0].equals("agent");
    System.exit((agent ? agentCommandLine() : commandLine()).execute(args));
  }

  /** An agent runs for months on every node: it carries nothing of the other commands. */
  private static CommandLine agentCommandLine() {
    CommandSpec root = CommandSpec.create().name("interdict");
    return handlingErrors(
        new CommandLine(root.addSubcommand("agent", new CommandLine(AgentCommand.class))));
  }

  /** Every command with the error handling that all of them share. */
  public static CommandLine commandLine() {
    return handlingErrors(new CommandLine(new Interdict()));
  }

  private static CommandLine handlingErrors(CommandLine command) {
    return command
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExecutionExceptionHandler(new FailureReport());
  }

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }
}
