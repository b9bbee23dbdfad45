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
      "Exit code 0: all can be taken; 1: there are mistakes; 2: bad arguments."
    },
    mixinStandardHelpOptions = true)
final class RulesLintCommand implements Callable<Integer> {
  @Mixin private RuleSource source;

  @Option(names = "--json", description = "One JSON object.")
  private boolean json;

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
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(json(set, problems));
    } else {
      problems.forEach(out::println);
      if (problems.isEmpty()) {
        out.printf(
            "%d rules, %d correlations and sequences, %d refused (see: interdict rules coverage)%n",
            set.rules().size(), set.correlations().size(), set.refusals().size());
        set.warnings().forEach(warning -> out.println("warning: " + warning));
      }
    }
    out.flush();
    return problems.isEmpty() ? ExitCode.OK : ExitCode.FAILED;
  }

  private static String json(RuleSet set, List<Problem> problems) throws IOException {
    StringWriter text = new StringWriter();
    try (JsonGenerator out = new JsonFactory().createGenerator(text)) {
      out.writeStartObject();
      out.writeNumberField("rules", set == null ? 0 : set.rules().size());
      out.writeNumberField("sequences", set == null ? 0 : set.sequences().size());
      out.writeNumberField("counts", set == null ? 0 : set.counts().size());
      out.writeArrayFieldStart("problems");
      for (Problem problem : problems) {
        out.writeStartObject();
        out.writeStringField("file", problem.location().file());
        out.writeNumberField("line", problem.location().line());
        out.writeStringField("message", problem.message());
        out.writeEndObject();
      }
      out.writeEndArray();
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
}
