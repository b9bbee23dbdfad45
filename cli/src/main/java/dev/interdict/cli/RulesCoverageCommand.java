package dev.interdict.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.interdict.cep.Described;
import dev.interdict.cep.Location;
import dev.interdict.cep.Refusal;
import dev.interdict.cep.Rule;
import dev.interdict.cep.RuleSet;
import dev.interdict.cep.Sequence;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "coverage",
    description = {
      "Says of each rule and sequence whether it can fire here, and if not why;",
      "and how many can, by ATT&CK technique."
    },
    mixinStandardHelpOptions = true)
final class RulesCoverageCommand implements Callable<Integer> {
  @Mixin private RuleSource source;

  @Option(names = "--json", description = "One JSON object.")
  private boolean json;

  @Spec private CommandSpec spec;

  /**
   * @param reason why it cannot fire; where it can, what it loses
   */
  private record Line(
      String id,
      String title,
      String type,
      Location location,
      boolean fires,
      String reason,
      List<String> techniques) {}

  @Override
  public Integer call() throws IOException {
    RuleSet set = source.load();
    List<Line> lines = lines(set);
    Map<String, Integer> techniques = new TreeMap<>();
    for (Line line : lines) {
      line.techniques.forEach(technique -> techniques.merge(technique, 1, Integer::sum));
    }
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(json(lines, techniques));
    } else {
      print(lines, techniques, out);
    }
    out.flush();
    return ExitCode.OK;
  }

  private static List<Line> lines(RuleSet set) {
    List<Line> lines = new ArrayList<>();
    for (Rule rule : set.rules()) {
      String loss = String.join("; ", rule.notes());
      lines.add(
          new Line(
              rule.id(), rule.title(), "rule", rule.location(), true, loss, rule.techniques()));
    }
    for (Described correlation : set.correlations()) {
      lines.add(
          new Line(
              correlation.id(),
              correlation.title(),
              correlation instanceof Sequence ? "sequence" : "correlation",
              correlation.location(),
              true,
              "",
              correlation.techniques()));
    }
    for (Refusal refusal : set.refusals()) {
      lines.add(
          new Line(
              refusal.id(),
              refusal.title(),
              "refused",
              refusal.location(),
              false,
              refusal.reason(),
              List.of()));
    }
    lines.sort((a, b) -> a.location.compareTo(b.location));
    return lines;
  }

  private static void print(List<Line> lines, Map<String, Integer> techniques, PrintWriter out) {
    for (Line line : lines) {
      String reason = line.reason.isEmpty() ? "" : ": " + line.reason;
      out.printf("%-4s %s%s%n", line.fires ? "yes" : "no", line.title, reason);
    }
    out.println();
    techniques.forEach((technique, count) -> out.printf("%-10s %4d%n", technique, count));
    long firing = lines.stream().filter(Line::fires).count();
    out.printf(
        "%n%d of %d can fire here, %d techniques%n", firing, lines.size(), techniques.size());
  }

  private static String json(List<Line> lines, Map<String, Integer> techniques) throws IOException {
    StringWriter text = new StringWriter();
    try (JsonGenerator out = new JsonFactory().createGenerator(text)) {
      out.writeStartObject();
      out.writeArrayFieldStart("rules");
      for (Line line : lines) {
        out.writeStartObject();
        out.writeStringField("id", line.id);
        out.writeStringField("title", line.title);
        out.writeStringField("type", line.type);
        out.writeStringField("file", line.location.file());
        out.writeNumberField("line", line.location.line());
        out.writeBooleanField("fires", line.fires);
        out.writeStringField("reason", line.reason);
        out.writeEndObject();
      }
      out.writeEndArray();
      out.writeObjectFieldStart("techniques");
      for (Map.Entry<String, Integer> technique : techniques.entrySet()) {
        out.writeNumberField(technique.getKey(), technique.getValue());
      }
      out.writeEndObject();
      out.writeEndObject();
    }
    return text.toString();
  }
}
