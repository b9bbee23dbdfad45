package dev.interdict.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.interdict.cep.InvalidRulesException;
import dev.interdict.cep.Problem;
import dev.interdict.cep.Refusal;
import dev.interdict.cep.RuleSet;
import dev.interdict.cep.content.ContentTest;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "lint",
    description = {
      "Says what is wrong with rule files, by file and line.",
      "Warns of filters and exceptions that change nothing, and of exceptions that have ended."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  interdict rules lint my-rules/",
      "  interdict rules lint --strict my-rules/   # in a commit hook: warnings count, too",
      "",
      "Exit codes: 0 all can be taken, 1 there are mistakes, 2 bad arguments."
    })
final class RulesLintCommand implements Callable<Integer> {
  @Mixin private RuleSource source;

  @Option(names = "--json", description = "One JSON object.")
  private boolean json;

  @Option(names = "--strict", description = "Fail on warnings, too.")
  private boolean strict;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    RuleSet set = null;
    List<Problem> problems = List.of();
    try {
      set = RuleSet.of(source.files());
      ContentTest.suite(set);
    } catch (InvalidRulesException e) {
      problems = e.problems();
    }
    List<Problem> warnings = new ArrayList<>();
    if (set != null) {
      warnings.addAll(set.warnings());
      warnings.addAll(set.expired(Instant.now()));
    }
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(json(set, problems, warnings));
    } else {
      problems.forEach(out::println);
      warnings.forEach(
          warning -> out.println(warning.location() + ": warning: " + warning.message()));
      if (problems.isEmpty()) {
        out.printf(
            "%d rules, %d correlations and sequences, %d refused (see: interdict rules coverage)%n",
            set.rules().size(), set.correlations().size(), set.refusals().size());
      }
    }
    out.flush();
    boolean clean = problems.isEmpty() && !(strict && !warnings.isEmpty());
    return clean ? ExitCode.OK : ExitCode.FAILED;
  }

  private static String json(RuleSet set, List<Problem> problems, List<Problem> warnings)
      throws IOException {
    StringWriter text = new StringWriter();
    try (JsonGenerator out = new JsonFactory().createGenerator(text)) {
      out.writeStartObject();
      out.writeNumberField("rules", set == null ? 0 : set.rules().size());
      out.writeNumberField("sequences", set == null ? 0 : set.sequences().size());
      out.writeNumberField("counts", set == null ? 0 : set.counts().size());
      problems(out, "problems", problems);
      problems(out, "warnings", warnings);
      out.writeArrayFieldStart("refused");
      for (Refusal refusal : set == null ? List.<Refusal>of() : set.refusals()) {
        out.writeStartObject();
        out.writeStringField("id", refusal.id());
        out.writeStringField("title", refusal.title());
        out.writeStringField("file", refusal.location().file());
        out.writeNumberField("line", refusal.location().line());
        out.writeStringField("reason", refusal.reason());
        out.writeEndObject();
      }
      out.writeEndArray();
      out.writeEndObject();
    }
    return text.toString();
  }

  private static void problems(JsonGenerator out, String name, List<Problem> problems)
      throws IOException {
    out.writeArrayFieldStart(name);
    for (Problem problem : problems) {
      out.writeStartObject();
      out.writeStringField("file", problem.location().file());
      out.writeNumberField("line", problem.location().line());
      out.writeStringField("message", problem.message());
      out.writeEndObject();
    }
    out.writeEndArray();
  }
}
