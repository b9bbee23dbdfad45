package dev.interdict.cli;

import dev.interdict.cli.demo.DemoCommand;
import java.util.Map;
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
      PolicyCommand.class,
      StorageCommand.class,
      ContainmentsCommand.class,
      ApproveCommand.class,
      ContainCommand.class,
      ReleaseCommand.class,
      StopCommand.class,
      ResumeCommand.class,
      ArmCommand.class,
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
  /** An agent runs for months on every node: it, and how it joins, carry nothing of the others. */
  private static final Map<String, Class<?>> LEAN =
      Map.of("agent", AgentCommand.class, "certs", CertsCommand.class);

  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  public static void main(String[] args) {
    Class<?> lean = args.length > 0 ? LEAN.get(args[0]) : null;
    System.exit((lean == null ? commandLine() : leanCommandLine(args[0], lean)).execute(args));
  }

  private static CommandLine leanCommandLine(String name, Class<?> command) {
    CommandSpec root = CommandSpec.create().name("interdict");
    return handlingErrors(new CommandLine(root.addSubcommand(name, new CommandLine(command))));
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
