package dev.interdict.cep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The examples of Sigma's specification of correlations, with the rules that they leave out: over
 * process creation, so that what they group by must be there or is refused by name.
 */
class SpecificationExamplesTest {
  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = ';',
      value = {
        "02;5638f7c0-ac70-491d-8465-2a65075e0d86;EVENTS >= 100 within PT1H",
        "03;5638f7c0-ac70-491d-8465-2a65075e0d86;group-by WorkstationName: no event of the rule",
        "04;recon_cmd_a recon_cmd_b recon_cmd_c;RULES >= 3 within PT5M",
        "05;many_failed_logins successful_login;sequence within PT1H",
        "06;website_access;group-by SourceIP: no event of the rule carries it",
        "07;rule_a_id;group-by SourceIP: no event of the rule carries it",
        "08;process_creation;field image: no event of the rule carries it",
        "09;internal_error new_network_connection;group-by destination.ip: no event of the rule",
        "10;'';product windows: events come from Linux only"
      })
  void shouldLoad(String number, String rules, String expected) throws IOException {
    Path file =
        Corpora.directory()
            .map(all -> all.resolve("sigma/spec/correlation-example-" + number + ".yml"))
            .filter(Files::exists)
            .orElse(null);
    assumeTrue(file != null, "no corpora: set INTERDICT_SHARED or put them into ../shared");
    StringBuilder text = new StringBuilder();
    String example = Files.readString(file);
    text.append(example.startsWith("title:") ? "" : "title: Example\n").append(example);
    for (String rule : rules.isEmpty() ? new String[0] : rules.split(" ")) {
      text.append("\n---\ntitle: ").append(rule).append("\nname: ").append(rule);
      text.append("\nlogsource: {category: process_creation}\n");
      text.append("detection: {s: {Image: /bin/true}, condition: s}\n");
    }
    RuleSet set = RuleSet.of(List.of(new RuleFile("example.yml", text.toString())));
    assertThat(outcome(set)).contains(expected);
  }

  private static String outcome(RuleSet set) {
    if (!set.counts().isEmpty()) {
      Count count = set.counts().get(0);
      return count.measure() + " " + count.threshold() + " within " + count.within();
    }
    if (!set.sequences().isEmpty()) {
      return "sequence within " + set.sequences().get(0).within();
    }
    return set.refusals().toString();
  }
}
