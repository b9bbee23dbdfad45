package dev.interdict.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.interdict.cep.Described;
import dev.interdict.cep.InvalidRulesException;
import dev.interdict.cep.Refusal;
import dev.interdict.cep.RuleSet;
import dev.interdict.cep.content.Explanation;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "explain",
    description = {
      "Says in words what a rule, correlation or sequence means here:",
      "the kinds of events, the fields, keys and time spans, what alerts carry."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  interdict rules explain my-rules/ssh_brute_force.yml",
      "  interdict rules explain --rules my-rules/ failed_login",
      "  interdict rules explain \"Web shell steals credentials\"",
      "",
      "Exit codes: 0 explained, 1 it cannot fire here, 2 no such rule, or invalid rules."
    })
final class RulesExplainCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "RULE",
      description = "Id, name or title; or a file, of which everything is explained.")
  private String rule;

  @Option(
      names = "--rules",
      paramLabel = "DIR",
      description = "Directory with rule files; without it the file, or the built-in content.")
  private Path directory;

  @Option(names = "--json", description = "One JSON object.")
  private boolean json;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    Path file = file();
    RuleSet set = load(directory == null ? file : directory);
    List<Described> subjects = new ArrayList<>();
    for (int hit = 0; hit < set.hits(); hit++) {
      Described each = set.byHit(hit);
      if (file == null
          ? isMeant(each.id(), each.name(), each.title())
          : isIn(each.location().file(), file)) {
        subjects.add(each);
      }
    }
    List<Refusal> refusals =
        set.refusals().stream()
            .filter(
                each ->
                    file == null
                        ? isMeant(each.id(), "", each.title())
                        : isIn(each.location().file(), file))
            .toList();
    if (subjects.isEmpty() && refusals.isEmpty()) {
      throw new CommandFailure(
          ExitCode.USAGE, "no rule, correlation or sequence has the id, name or title " + rule);
    }
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(json(set, subjects, refusals));
    } else {
      print(set, subjects, refusals, out);
    }
    out.flush();
    return subjects.isEmpty() ? ExitCode.FAILED : ExitCode.OK;
  }

  private Path file() {
    try {
      Path path = Path.of(rule);
      return Files.isRegularFile(path) ? path : null;
    } catch (InvalidPathException e) {
      return null;
    }
  }

  private static RuleSet load(Path from) throws IOException {
    try {
      return from == null ? RuleSet.builtin() : RuleSet.of(RuleSource.files(from));
    } catch (InvalidRulesException e) {
      throw new CommandFailure(ExitCode.USAGE, "invalid rules\n" + e.getMessage(), e);
    }
  }

  private boolean isMeant(String id, String name, String title) {
    return rule.equals(id) || rule.equals(name) || rule.equalsIgnoreCase(title);
  }

  private static boolean isIn(String location, Path file) {
    return Path.of(location).toAbsolutePath().normalize().equals(file.toAbsolutePath().normalize());
  }

  private static void print(
      RuleSet set, List<Described> subjects, List<Refusal> refusals, PrintWriter out) {
    for (Described subject : subjects) {
      out.println(subject.title());
      out.println("  " + subject.id() + "  " + subject.location());
      if (!subject.author().isEmpty()) {
        out.println("  by " + subject.author());
      }
      Explanation.of(set, subject).forEach(line -> out.println("  " + line));
      out.println();
    }
    refusals.forEach(refusal -> out.println("cannot fire here: " + refusal));
  }

  private static String json(RuleSet set, List<Described> subjects, List<Refusal> refusals)
      throws IOException {
    StringWriter text = new StringWriter();
    try (JsonGenerator out = new JsonFactory().createGenerator(text)) {
      out.writeStartObject();
      out.writeArrayFieldStart("explained");
      for (Described subject : subjects) {
        out.writeStartObject();
        out.writeStringField("id", subject.id());
        out.writeStringField("title", subject.title());
        out.writeStringField("file", subject.location().file());
        out.writeNumberField("line", subject.location().line());
        out.writeArrayFieldStart("lines");
        for (String line : Explanation.of(set, subject)) {
          out.writeString(line);
        }
        out.writeEndArray();
        out.writeEndObject();
      }
      out.writeEndArray();
      out.writeArrayFieldStart("refused");
      for (Refusal refusal : refusals) {
        out.writeStartObject();
        out.writeStringField("id", refusal.id());
        out.writeStringField("title", refusal.title());
        out.writeStringField("reason", refusal.reason());
        out.writeEndObject();
      }
      out.writeEndArray();
      out.writeEndObject();
    }
    return text.toString();
  }
}
