package dev.interdict.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.interdict.agent.kernel.Hook;
import dev.interdict.agent.kernel.Sensor;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "probe",
    description = "Try every hook on this kernel and say which kinds of event it can show.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "State is attached or unavailable; reason is null where it is attached.",
      "Exit codes: 0 the table was printed, whatever is in it, 2 bad arguments, 3 nothing can be",
      "seen here: the kernel has no BTF, or a capability is missing."
    })
final class AgentProbeCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(names = "--json", description = "Print an array of {kind, hook, state, reason}.")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    List<Hook> hooks = Sensor.probe();
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      printJson(out, hooks);
    } else {
      printTable(out, hooks);
    }
    return ExitCode.OK;
  }

  private static String state(Hook hook) {
    return hook.state().name().toLowerCase(Locale.ROOT);
  }

  private static void printTable(PrintWriter out, List<Hook> hooks) {
    String format = "%-14s %-28s %-12s %s%n";
    out.printf(Locale.ROOT, format, "KIND", "HOOK", "STATE", "REASON");
    for (Hook hook : hooks) {
      String reason = hook.reason() == null ? "" : hook.reason();
      out.printf(Locale.ROOT, format, hook.kind(), hook.hook(), state(hook), reason);
    }
    out.flush();
  }

  private static void printJson(PrintWriter out, List<Hook> hooks) throws IOException {
    try (JsonGenerator to = new JsonFactory().createGenerator(out)) {
      to.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
      to.writeStartArray();
      for (Hook hook : hooks) {
        to.writeStartObject();
        to.writeStringField("kind", hook.kind());
        to.writeStringField("hook", hook.hook());
        to.writeStringField("state", state(hook));
        to.writeStringField("reason", hook.reason());
        to.writeEndObject();
      }
      to.writeEndArray();
    }
    out.println();
    out.flush();
  }
}
