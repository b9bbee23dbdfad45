package dev.interdict.cli;

import dev.interdict.response.ContainmentSummary;
import dev.interdict.response.LocalResponder;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "containments",
    description = "What the responder on this host decided about each alert, and what came of it.",
    mixinStandardHelpOptions = true)
final class ContainmentsCommand implements Callable<Integer> {
  private static final String ROW = "%-16s  %-8s  %-20s  %-24s  %-28s  %10s  %s%n";

  @Option(
      names = "--data",
      paramLabel = "DIR",
      defaultValue = "/var/lib/interdict/responder",
      description = "Data directory of the running responder (default: ${DEFAULT-VALUE}).")
  private Path data;

  @Option(names = "--json", description = "One JSON object per line.")
  private boolean json;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    List<ContainmentSummary> containments = new LocalResponder(data).containments();
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      for (ContainmentSummary each : containments) {
        out.println(each.toJson());
      }
    } else if (containments.isEmpty()) {
      out.println("no alerts so far");
    } else {
      out.printf(ROW, "ID", "STATE", "TIME", "CONTAINER OR CGROUP", "RULE", "AFTER", "REASON");
      for (ContainmentSummary each : containments) {
        out.printf(
            ROW,
            each.id(),
            each.state(),
            each.time().toString().substring(0, 19) + "Z",
            shortened(each.container().isEmpty() ? each.cgroup() : each.container(), 24),
            shortened(each.rule(), 28),
            each.containMillis() < 0
                ? "-"
                : String.format(Locale.ROOT, "%.1f ms", each.containMillis()),
            each.reason());
      }
    }
    out.flush();
    return ExitCode.OK;
  }

  private static String shortened(String text, int length) {
    return text.length() <= length ? text : text.substring(0, length - 1) + "…";
  }
}
