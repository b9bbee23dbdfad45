package dev.interdict.cep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The rules of SigmaHQ and recorded attacks, judged by another engine. */
class SigmaCorpusTest {
  /** What the corpus's index says of a rule begins with a letter; these need more than we carry. */
  private static final Map<String, String> REFUSED =
      Map.of(
          "53059bc0-1472-438b-956a-7508a94a91f0", "SERVICE_STOP is told by systemd, not the kernel",
          "3761e026-f259-44e6-8826-719ed8079408", "asks for a key that auditd's own rules give",
          "c4568f5d-131f-4e78-83d4-45b2da0ec4f1", "asks for a DNS name",
          "19bf6fdb-7721-4f3d-867f-53467f6a5db6", "asks for a DNS name",
          "6eea1bf6-f8d2-488a-a742-e6ef6c1b67db", "asks for a LogonId");

  /** The oracle could not evaluate them, says the corpus. */
  private static final Set<String> NOT_JUDGED = Set.of("514f533b", "97de11cd");

  private Path corpora;

  @BeforeEach
  void findCorpora() {
    corpora = Corpora.directory().orElse(null);
    assumeTrue(corpora != null, "no corpora: set INTERDICT_SHARED or put them into ../shared");
  }

  @Test
  void shouldLoadEachRuleOrSayWhyNot() throws IOException {
    RuleSet set = RuleSet.load(corpora.resolve("sigma/rules"));

    Map<String, String> refused = new HashMap<>();
    set.refusals().forEach(refusal -> refused.put(refusal.id(), refusal.reason()));
    List<String[]> index = index();
    assertThat(set.rules().size() + set.refusals().size()).isEqualTo(index.size());
    for (String[] row : index) {
      boolean needsText = row[4].startsWith("X");
      assertThat(refused.containsKey(row[0]))
          .as("%s %s (%s): %s", row[0], row[1], row[4], refused.get(row[0]))
          .isEqualTo(needsText || REFUSED.containsKey(row[0]));
      if (needsText) {
        assertThat(refused.get(row[0])).contains("needs log text");
      }
    }
  }

  @Test
  void shouldRefuseCorrelationsOfWindowsLogsForThatReason() throws IOException {
    RuleSet set = RuleSet.load(corpora.resolve("sigma/correlations-windows"));
    assertThat(set.hits()).isZero();
    assertThat(set.refusals())
        .hasSize(4)
        .extracting(Refusal::reason)
        .allMatch(reason -> reason.contains("product windows: events come from Linux only"));
  }

  @Test
  void shouldHitWhatTheOracleSaysInRecordedAttacks() throws IOException {
    RuleSet set = RuleSet.load(corpora.resolve("sigma/rules"));
    Set<String> known = new HashSet<>();
    set.rules().forEach(rule -> known.add(rule.id()));
    int judged = 0;
    for (AtomicTrace trace : traces()) {
      Map<String, Set<Integer>> expected = new TreeMap<>(trace.expected());
      expected.keySet().retainAll(known);
      Map<String, Set<Integer>> hits = trace.hits(set);
      hits.keySet().removeIf(id -> NOT_JUDGED.contains(id.substring(0, 8)));
      assertThat(hits).as(trace.name()).isEqualTo(expected);
      judged += expected.size();
    }
    assertThat(judged).as("expected hits of rules that are here").isGreaterThanOrEqualTo(20);
  }

  @Test
  void shouldExpectNoHitOfARuleThatIsRefused() throws IOException {
    RuleSet set = RuleSet.load(corpora.resolve("sigma/rules"));
    for (AtomicTrace trace : traces()) {
      assertThat(trace.expected().keySet())
          .as(trace.name())
          .doesNotContainAnyElementsOf(set.refusals().stream().map(Refusal::id).toList());
    }
  }

  private List<AtomicTrace> traces() throws IOException {
    List<AtomicTrace> traces = new ArrayList<>();
    try (Stream<Path> paths = Files.list(corpora.resolve("atomic-traces"))) {
      for (Path path : paths.filter(each -> each.toString().endsWith(".jsonl")).toList()) {
        traces.add(AtomicTrace.read(path));
      }
    }
    return traces;
  }

  private List<String[]> index() throws IOException {
    List<String[]> rows = new ArrayList<>();
    for (String line : Files.readAllLines(corpora.resolve("sigma/index.csv"))) {
      if (!line.startsWith("id,")) {
        rows.add(line.substring(1, line.length() - 1).split("\",\"", -1));
      }
    }
    return rows;
  }
}
