package dev.interdict.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.interdict.cep.Count;
import dev.interdict.cep.Described;
import dev.interdict.cep.Location;
import dev.interdict.cep.Refusal;
import dev.interdict.cep.Rule;
import dev.interdict.cep.RuleSet;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
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
      "Says of each rule, correlation and sequence whether it can fire here, and if not why;",
      "and how many can, by ATT&CK technique."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  interdict rules coverage sigma/rules/linux",
      "  interdict rules coverage --json my-rules/ | jq '.rules[] | select(.fires | not) | .reason'",
      "  interdict rules coverage --navigator layer.json   # open it in the ATT&CK Navigator",
      "",
      "Exit codes: 0 answered, 2 bad arguments or invalid rules."
    })
final class RulesCoverageCommand implements Callable<Integer> {
  @Mixin private RuleSource source;

  @Option(names = "--json", description = "One JSON object.")
  private boolean json;

  @Option(
      names = "--navigator",
      paramLabel = "FILE",
      description = "Write a layer for the ATT&CK Navigator.")
  private Path navigator;

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

  /** Titles by technique. */
  private record Technique(List<String> firing, List<String> refused) {}

  @Override
  public Integer call() throws IOException {
    RuleSet set = source.load();
    List<Line> lines = lines(set);
    Map<String, Technique> techniques = new TreeMap<>();
    for (Line line : lines) {
      for (String id : line.techniques) {
        Technique technique =
            techniques.computeIfAbsent(
                id, key -> new Technique(new ArrayList<>(), new ArrayList<>()));
        (line.fires ? technique.firing : technique.refused).add(line.title);
      }
    }
    if (navigator != null) {
      Files.writeString(navigator, layer(techniques));
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
    for (int hit = 0; hit < set.hits(); hit++) {
      Described each = set.byHit(hit);
      String type = "sequence";
      String loss = "";
      if (each instanceof Rule rule) {
        type = "rule";
        loss = String.join("; ", rule.notes());
      } else if (each instanceof Count) {
        type = "correlation";
      }
      lines.add(
          new Line(each.id(), each.title(), type, each.location(), true, loss, each.techniques()));
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
              refusal.techniques()));
    }
    lines.sort((a, b) -> a.location.compareTo(b.location));
    return lines;
  }

  private static void print(List<Line> lines, Map<String, Technique> techniques, PrintWriter out) {
    for (Line line : lines) {
      String reason =
          line.reason.isEmpty()
              ? ""
              : line.fires ? " (loses " + line.reason + ")" : ": " + line.reason;
      out.printf("%-4s %s%s%n", line.fires ? "yes" : "no", line.title, reason);
    }
    if (!techniques.isEmpty()) {
      out.printf("%n%-10s %4s %7s%n", "technique", "fire", "refused");
    }
    techniques.forEach(
        (id, technique) ->
            out.printf("%-10s %4d %7d%n", id, technique.firing.size(), technique.refused.size()));
    long firing = lines.stream().filter(Line::fires).count();
    long covered = techniques.values().stream().filter(each -> !each.firing.isEmpty()).count();
    out.printf("%n%d of %d can fire here, %d techniques%n", firing, lines.size(), covered);
  }

  private static String json(List<Line> lines, Map<String, Technique> techniques)
      throws IOException {
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
        texts(out, "techniques", line.techniques);
        out.writeEndObject();
      }
      out.writeEndArray();
      out.writeObjectFieldStart("techniques");
      for (Map.Entry<String, Technique> technique : techniques.entrySet()) {
        out.writeNumberField(technique.getKey(), technique.getValue().firing.size());
      }
      out.writeEndObject();
      out.writeEndObject();
    }
    return text.toString();
  }

  private static void texts(JsonGenerator out, String name, List<String> texts) throws IOException {
    out.writeArrayFieldStart(name);
    for (String text : texts) {
      out.writeString(text);
    }
    out.writeEndArray();
  }

  /** Version 4.5 of the layer format: the score of a technique is how many can fire. */
  private static String layer(Map<String, Technique> techniques) throws IOException {
    int most = 1;
    for (Technique technique : techniques.values()) {
      most = Math.max(most, technique.firing.size());
    }
    StringWriter text = new StringWriter();
    try (JsonGenerator out = new JsonFactory().createGenerator(text).useDefaultPrettyPrinter()) {
      out.writeStartObject();
      out.writeStringField("name", "Interdict");
      out.writeObjectFieldStart("versions");
      out.writeStringField("layer", "4.5");
      out.writeEndObject();
      out.writeStringField("domain", "enterprise-attack");
      out.writeStringField(
          "description", "Rules, correlations and sequences that can fire, by technique");
      out.writeObjectFieldStart("filters");
      texts(out, "platforms", List.of("Linux", "Containers"));
      out.writeEndObject();
      out.writeArrayFieldStart("techniques");
      for (Map.Entry<String, Technique> entry : techniques.entrySet()) {
        Technique technique = entry.getValue();
        out.writeStartObject();
        out.writeStringField("techniqueID", entry.getKey());
        out.writeNumberField("score", technique.firing.size());
        out.writeStringField("comment", comment(technique));
        out.writeBooleanField("enabled", true);
        out.writeEndObject();
      }
      out.writeEndArray();
      out.writeObjectFieldStart("gradient");
      texts(out, "colors", List.of("#ffffff", "#8ec843"));
      out.writeNumberField("minValue", 0);
      out.writeNumberField("maxValue", most);
      out.writeEndObject();
      out.writeEndObject();
    }
    return text.append('\n').toString();
  }

  private static String comment(Technique technique) {
    List<String> lines = new ArrayList<>(technique.firing);
    technique.refused.forEach(title -> lines.add("cannot fire here: " + title));
    return String.join("\n", lines);
  }
}
