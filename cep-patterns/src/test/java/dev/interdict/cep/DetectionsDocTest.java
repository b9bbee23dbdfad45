package dev.interdict.cep;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interdict.schema.Kind;
import dev.interdict.schema.Kinds;
import dev.interdict.schema.Level;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The tables of {@code docs/detections.md} are what the content says. To write them anew: {@code
 * ./interdict test cep-patterns -- -Dtest=DetectionsDocTest -Dinterdict.docs=write}.
 */
final class DetectionsDocTest {
  private static final Path DOC = Path.of("../docs/detections.md");
  private static final String BEGIN = "<!-- generated: detections -->\n";
  private static final String END = "<!-- end -->\n";

  private final RuleSet content = RuleSet.builtin();

  @Test
  void shouldListEveryDetection() throws IOException {
    String text = Files.readString(DOC);
    int begin = text.indexOf(BEGIN) + BEGIN.length();
    String tables = tables();
    if ("write".equals(System.getProperty("interdict.docs"))) {
      Files.writeString(DOC, text.substring(0, begin) + tables + text.substring(text.indexOf(END)));
      return;
    }
    assertThat(text.substring(begin, text.indexOf(END)))
        .as("docs/detections.md; see the comment of this test for how to write it anew")
        .isEqualTo(tables);
  }

  private String tables() {
    List<Rule> rules = content.rules().stream().filter(DetectionsDocTest::alerts).toList();
    List<Described> chains =
        content.correlations().stream().sorted(Comparator.comparing(Described::title)).toList();
    StringBuilder out = new StringBuilder();
    out.append(rules.size())
        .append(" rules (")
        .append(levels(rules))
        .append("), ")
        .append(chains.size())
        .append(" sequences and counts (")
        .append(levels(chains))
        .append("), and ")
        .append(content.rules().size() - rules.size())
        .append(" building blocks which alert only as parts of those. They name ")
        .append(
            Stream.concat(rules.stream(), chains.stream())
                .flatMap(each -> each.techniques().stream())
                .distinct()
                .count())
        .append(" techniques of ATT&CK.\n");
    Map<String, List<Rule>> byTactic = new TreeMap<>();
    for (Rule rule : rules) {
      byTactic.computeIfAbsent(tactic(rule), key -> new ArrayList<>()).add(rule);
    }
    byTactic.forEach(
        (tactic, found) -> {
          out.append("\n### ")
              .append(tactic)
              .append("\n\n| rule | level | techniques | kinds |\n|---|---|---|---|\n");
          found.stream()
              .sorted(Comparator.comparing(Rule::title))
              .forEach(
                  rule ->
                      row(out, rule.title(), level(rule), techniques(rule), kinds(rule.kinds())));
        });
    out.append("\n## Sequences and counts\n\n| sequence | level | techniques | steps |\n")
        .append("|---|---|---|---|\n");
    chains.forEach(each -> row(out, each.title(), level(each), techniques(each), steps(each)));
    return out.toString();
  }

  private static boolean alerts(Rule rule) {
    return rule.alerts() && rule.level() != Level.INFORMATIONAL;
  }

  /** The folder below rules: {@code content/rules/initial-access/x.yml} is "Initial access". */
  private static String tactic(Rule rule) {
    String folder = Path.of(rule.location().file()).getParent().getFileName().toString();
    String words = folder.replace('-', ' ');
    return words.substring(0, 1).toUpperCase(Locale.ROOT) + words.substring(1);
  }

  private static String levels(Collection<? extends Described> found) {
    Map<Level, Long> counts =
        found.stream()
            .collect(
                Collectors.groupingBy(
                    Described::level,
                    () -> new TreeMap<>(Comparator.reverseOrder()),
                    Collectors.counting()));
    return counts.entrySet().stream()
        .map(entry -> entry.getValue() + " " + name(entry.getKey()))
        .collect(Collectors.joining(", "));
  }

  private static String level(Described found) {
    return name(found.level());
  }

  private static String name(Level level) {
    return level.name().toLowerCase(Locale.ROOT);
  }

  private static String techniques(Described found) {
    return String.join(" ", found.techniques());
  }

  private static String kinds(long kinds) {
    return IntStream.range(0, 64)
        .filter(number -> (kinds & Kinds.bit(number)) != 0)
        .filter(number -> Kind.forNumber(number) != null)
        .mapToObj(Kinds::name)
        .collect(Collectors.joining(", "));
  }

  private static String steps(Described chain) {
    if (chain instanceof Sequence sequence) {
      return sequence.steps().stream()
              .map(DetectionsDocTest::step)
              .collect(Collectors.joining("; "))
          + "; all within "
          + duration(sequence.within());
    }
    Count count = (Count) chain;
    String parts = count.parts().stream().map(Count.Part::title).collect(Collectors.joining(", "));
    String values =
        count.parts().stream()
            .map(Count.Part::value)
            .filter(value -> value != null)
            .map(Object::toString)
            .distinct()
            .collect(Collectors.joining(", "));
    return parts
        + ": "
        + (values.isEmpty() ? "events" : "different " + values)
        + " "
        + count.threshold()
        + " within "
        + duration(count.within());
  }

  private static String step(Step step) {
    return (step.absent() ? "not: " : "")
        + step.name()
        + (step.times() > 1 ? ", " + step.times() + " times" : "")
        + (step.within() == null ? "" : ", within " + duration(step.within()));
  }

  private static String duration(Duration duration) {
    long seconds = duration.toSeconds();
    if (seconds % 3600 == 0) {
      return seconds / 3600 + " h";
    }
    return seconds % 60 == 0 ? seconds / 60 + " min" : seconds + " s";
  }

  private static void row(StringBuilder out, String... cells) {
    out.append("| ").append(String.join(" | ", cells)).append(" |\n");
  }
}
