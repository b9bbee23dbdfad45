package dev.interdict.cli;

import dev.interdict.response.StandingSummary;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "arm",
    description = {
      "Let a rule lead to responses again that was disarmed because it hit too many workloads.",
      "Without a rule: which rules are disarmed, and whether all is stopped."
    },
    mixinStandardHelpOptions = true)
final class ArmCommand implements Callable<Integer> {
  @Mixin private ResponderOption asked;

  @Parameters(paramLabel = "RULE", arity = "0..1", description = "Id of the rule.")
  private String rule;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    if (rule != null) {
      asked.responder().arm(rule, asked.by());
      out.println(rule + " is armed again");
    } else {
      StandingSummary standing = asked.responder().standing();
      out.println(standing.stopped() == null ? "policies are in force" : standing.stopped());
      standing
          .disarmed()
          .forEach((each, why) -> out.println(PrintableText.of(each + " is disarmed: " + why)));
    }
    out.flush();
    return ExitCode.OK;
  }
}
