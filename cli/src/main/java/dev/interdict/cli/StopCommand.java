package dev.interdict.cli;

import dev.interdict.response.ContainmentState;
import dev.interdict.response.ContainmentSummary;
import dev.interdict.response.LocalResponder;
import dev.interdict.response.StandingSummary;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "stop",
    description = {
      "The global stop: from now on, and after a restart, nothing new is done about alerts.",
      "Alerts go on being written down. What is in force stays so until its time is over."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  interdict stop a rule goes wild",
      "  interdict stop --release a rule goes wild   # and undo what is in force",
      "  interdict resume"
    })
final class StopCommand implements Callable<Integer> {
  @Mixin private ResponderOption asked;

  @Option(names = "--release", description = "Undo what is in force, too.")
  private boolean release;

  @Parameters(
      paramLabel = "REASON",
      arity = "0..*",
      description = "For the log and for whoever looks at it.")
  private String[] reason = {};

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    LocalResponder responder = asked.responder();
    PrintWriter out = spec.commandLine().getOut();
    StandingSummary standing =
        responder.stop(
            asked.by(), reason.length == 0 ? "no reason given" : String.join(" ", reason));
    out.println(standing.stopped());
    int failed = release ? releaseAll(responder, out) : 0;
    out.flush();
    return failed == 0 ? ExitCode.OK : ExitCode.FAILED;
  }

  private static int releaseAll(LocalResponder responder, PrintWriter out) throws IOException {
    int failed = 0;
    for (ContainmentSummary each : responder.containments()) {
      if (each.state() == ContainmentState.IN_FORCE || each.state() == ContainmentState.SENT) {
        try {
          responder.release(each.id());
          out.println(each.id() + " released");
        } catch (IOException e) {
          out.println(each.id() + " not released: " + e.getMessage());
          failed++;
        }
      }
    }
    return failed;
  }
}
