package dev.interdict.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.interdict.cep.InvalidRulesException;
import dev.interdict.cep.Matcher;
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
    name = "test",
    description = {
      "Runs the tests that rule files carry: events that must match, near misses that must not."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  interdict rules test my-rules/",
      "  interdict rules test --json | jq .failed",
      "",
      "Exit codes: 0 all hold, 1 at least one does not, 2 bad arguments or invalid rules."
    })
final class RulesTestCommand implements Callable<Integer> {
  @Mixin private RuleSource source;

  @Option(names = "--json", description = "One JSON object.")
  private boolean json;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    RuleSet set = source.load();
    ContentTest.Suite suite;
    try {
      suite = ContentTest.suite(set);
    } catch (InvalidRulesException e) {
      throw new CommandFailure(ExitCode.USAGE, "invalid tests\n" + e.getMessage(), e);
    }
    Matcher matcher = set.newMatcher();
    List<ContentTest.Result> failed =
        suite.tests().stream()
            .map(test -> test.run(set, matcher))
            .filter(result -> !result.passed())
            .toList();
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(json(suite, failed));
    } else {
      for (ContentTest.Result result : failed) {
        out.println(line(result));
      }
      out.printf(
          "%d tests, %d failed; %d rules and sequences have no test%n",
          suite.tests().size(), failed.size(), suite.untested().size());
    }
    out.flush();
    return failed.isEmpty() ? ExitCode.OK : ExitCode.FAILED;
  }

  private static String line(ContentTest.Result result) {
    ContentTest test = result.test();
    String name = test.name().isEmpty() ? "" : " (" + test.name() + ")";
    return test.location() + ": " + test.subject().title() + name + ": " + result.message();
  }

  private static String json(ContentTest.Suite suite, List<ContentTest.Result> failed)
      throws IOException {
    StringWriter text = new StringWriter();
    try (JsonGenerator out = new JsonFactory().createGenerator(text)) {
      out.writeStartObject();
      out.writeNumberField("tests", suite.tests().size());
      out.writeArrayFieldStart("failed");
      for (ContentTest.Result result : failed) {
        out.writeStartObject();
        out.writeStringField("title", result.test().subject().title());
        out.writeStringField("name", result.test().name());
        out.writeStringField("file", result.test().location().file());
        out.writeNumberField("line", result.test().location().line());
        out.writeStringField("message", result.message());
        out.writeEndObject();
      }
      out.writeEndArray();
      out.writeArrayFieldStart("untested");
      for (String title : suite.untested()) {
        out.writeString(title);
      }
      out.writeEndArray();
      out.writeEndObject();
    }
    return text.toString();
  }
}
