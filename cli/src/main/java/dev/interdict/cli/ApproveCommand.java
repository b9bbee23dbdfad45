package dev.interdict.cli;

import dev.interdict.response.ContainmentSummary;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "approve",
    description = "Let a containment that waits for approval be carried out, or deny it.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  interdict approve 3f2a9c0011223344",
      "  interdict approve --deny 3f2a9c0011223344"
    })
final class ApproveCommand implements Callable<Integer> {
  @Mixin private ResponderOption asked;

  @Option(names = "--deny", description = "It is not carried out.")
  private boolean deny;

  @Parameters(paramLabel = "ID", description = "As `interdict containments` prints it.")
  private String id;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    ContainmentSummary decided =
        deny ? asked.responder().deny(id, asked.by()) : asked.responder().approve(id, asked.by());
    spec.commandLine().getOut().printf("%s %s%n", decided.id(), decided.reason()).flush();
    return ExitCode.OK;
  }
}
