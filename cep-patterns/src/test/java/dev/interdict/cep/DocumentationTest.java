package dev.interdict.cep;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What docs/rules.md shows is taken as it stands there. */
class DocumentationTest {
  private static final Pattern BLOCK = Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL);

  /** Rules that the examples name and leave out. */
  private static final String REST =
      """
      title: Archive of etc
      name: archive_of_etc
      logsource: {category: process_creation, product: linux}
      detection: {s: {CommandLine|contains: /etc}, condition: s}
      """;

  private static final String STEPS =
      """
      ---
      title: %1$s
      name: %1$s
      logsource: {product: interdict, service: exec}
      detection: {s: {process.exe: /x}, condition: s}
      """;

  @Test
  void shouldTakeEveryExample() throws IOException {
    List<String> examples = examples();
    assertThat(examples).hasSizeGreaterThanOrEqualTo(6);
    List<String> refusals = new ArrayList<>();
    for (String example : examples) {
      boolean whole = example.startsWith("title:") || example.startsWith("placeholders:");
      String document = whole ? example : REST.replace("Archive of etc", "x") + example;
      StringBuilder text = new StringBuilder(document);
      if (!document.contains("archive_of_etc\nlog")) {
        text.append("---\n").append(REST);
      }
      for (String step :
          List.of("download_written", "runs_outside_packages", "connects_elsewhere")) {
        text.append(STEPS.formatted(step));
      }
      RuleSet set = RuleSet.of(List.of(new RuleFile("docs/rules.md", text.toString())));
      set.refusals().forEach(refusal -> refusals.add(refusal.toString()));
      assertThat(set.warnings()).as(example).isEmpty();
    }
    assertThat(refusals).isEmpty();
  }

  @Test
  void shouldExplainEveryKeyOfTheExtension() throws IOException {
    String text = Files.readString(docs());
    for (String key :
        List.of(
            "within",
            "key",
            "steps",
            "generate",
            "name",
            "rule",
            "rules",
            "times",
            "absent",
            "same_event",
            "when",
            "as",
            "where",
            "evidence",
            "severity",
            "response",
            "level",
            "reason",
            "fields",
            "placeholders")) {
      assertThat(text).as(key).containsPattern("(?m)(^|[`{ -])" + key + "[:`]");
    }
  }

  private static List<String> examples() throws IOException {
    List<String> examples = new ArrayList<>();
    Matcher blocks = BLOCK.matcher(Files.readString(docs()));
    while (blocks.find()) {
      examples.add(blocks.group(1));
    }
    return examples;
  }

  private static Path docs() {
    Path directory = Path.of("").toAbsolutePath();
    while (!Files.exists(directory.resolve("docs/rules.md"))) {
      directory = directory.getParent();
    }
    return directory.resolve("docs/rules.md");
  }
}
