package dev.interdict.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.interdict.cep.InvalidRulesException;
import dev.interdict.cep.RuleSet;
import dev.interdict.cep.content.RuleSetDiff;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "diff",
    description = {
      "Says what changes when one rule set replaces another: rules, correlations and sequences",
      "that are added, removed, renamed, or mean something else. How they are written does not matter."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  interdict rules diff rules-in-production/ rules/",
      "  git worktree add /tmp/old main && interdict rules diff /tmp/old/rules rules --json",
      "",
      "Exit codes: 0 no difference, 1 there are differences, 2 bad arguments or invalid rules."
    })
final class RulesDiffCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "OLD", description = "Directory with rule files, or one.")
  private Path old;

  @Parameters(index = "1", paramLabel = "NEW", description = "Directory with rule files, or one.")
  private Path fresh;

  @Option(names = "--json", description = "One JSON object.")
  private boolean json;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    RuleSetDiff diff = RuleSetDiff.between(load(old), load(fresh));
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(json(diff));
    } else {
      print(diff, out);
    }
    out.flush();
    return diff.isEmpty() ? ExitCode.OK : ExitCode.FAILED;
  }

  private static RuleSet load(Path path) throws IOException {
    try {
      return RuleSet.of(RuleSource.files(path));
    } catch (InvalidRulesException e) {
      throw new CommandFailure(ExitCode.USAGE, "invalid rules\n" + e.getMessage(), e);
    }
  }

  private static void print(RuleSetDiff diff, PrintWriter out) {
    diff.added()
        .forEach(entry -> out.println("added    " + line(entry, "could not fire before: ")));
    diff.removed().forEach(entry -> out.println("removed  " + line(entry, "cannot fire now: ")));
    for (RuleSetDiff.Renaming renaming : diff.renamed()) {
      boolean sameId = renaming.oldId().equals(renaming.id());
      out.printf(
          "renamed  %s -> %s%s%n",
          renaming.oldTitle(),
          renaming.title(),
          sameId ? "" : " (id " + renaming.oldId() + " -> " + renaming.id() + ")");
    }
    for (RuleSetDiff.Change change : diff.changed()) {
      out.println("changed  " + change.title());
      change.gone().forEach(line -> out.println("       - " + line));
      change.fresh().forEach(line -> out.println("       + " + line));
    }
    out.printf(
        "%d added, %d removed, %d renamed, %d changed%n",
        diff.added().size(), diff.removed().size(), diff.renamed().size(), diff.changed().size());
  }

  private static String line(RuleSetDiff.Entry entry, String why) {
    return entry.title() + (entry.note().isEmpty() ? "" : ": " + why + entry.note());
  }

  private static String json(RuleSetDiff diff) throws IOException {
    StringWriter text = new StringWriter();
    try (JsonGenerator out = new JsonFactory().createGenerator(text)) {
      out.writeStartObject();
      entries(out, "added", diff.added());
      entries(out, "removed", diff.removed());
      out.writeArrayFieldStart("renamed");
      for (RuleSetDiff.Renaming renaming : diff.renamed()) {
        out.writeStartObject();
        out.writeStringField("old_id", renaming.oldId());
        out.writeStringField("old_title", renaming.oldTitle());
        out.writeStringField("id", renaming.id());
        out.writeStringField("title", renaming.title());
        out.writeEndObject();
      }
      out.writeEndArray();
      out.writeArrayFieldStart("changed");
      for (RuleSetDiff.Change change : diff.changed()) {
        out.writeStartObject();
        out.writeStringField("id", change.id());
        out.writeStringField("title", change.title());
        lines(out, "removed", change.gone());
        lines(out, "added", change.fresh());
        out.writeEndObject();
      }
      out.writeEndArray();
      out.writeEndObject();
    }
    return text.toString();
  }

  private static void entries(JsonGenerator out, String name, List<RuleSetDiff.Entry> entries)
      throws IOException {
    out.writeArrayFieldStart(name);
    for (RuleSetDiff.Entry entry : entries) {
      out.writeStartObject();
      out.writeStringField("id", entry.id());
      out.writeStringField("title", entry.title());
      out.writeStringField("note", entry.note());
      out.writeEndObject();
    }
    out.writeEndArray();
  }

  private static void lines(JsonGenerator out, String name, List<String> lines) throws IOException {
    out.writeArrayFieldStart(name);
    for (String line : lines) {
      out.writeString(line);
    }
    out.writeEndArray();
  }
}
