package dev.interdict.jobs.recorded;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.interdict.cep.RuleSet;
import dev.interdict.jobs.sequence.RecordedDetection;
import dev.interdict.jobs.source.NodeEvent;
import dev.interdict.schema.Alert;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Recordings by others, judged by rules of others. */
class RecordedCorporaTest {
  /** The engine that made the expectations could not evaluate them. */
  private static final Set<String> NOT_JUDGED = Set.of("514f533b", "97de11cd");

  private Path corpora;
  private RuleSet rules;

  @BeforeEach
  void find() throws IOException {
    corpora = RecordedCorpora.directory();
    rules = RuleSet.load(corpora.resolve("sigma/rules"));
  }

  @Test
  void shouldAlertOnWhatIsExpectedOfEachAtomicTest() throws IOException {
    Set<String> known = new HashSet<>();
    rules.rules().forEach(rule -> known.add(rule.id()));
    int judged = 0;
    for (Path trace : files("atomic-traces", ".jsonl")) {
      Map<String, Set<Long>> expected = expected(trace);
      expected.keySet().retainAll(known);
      Map<String, Set<Long>> found = new TreeMap<>();
      for (Alert alert : detect(RecordedFormat.AUTO, trace)) {
        assertThat(alert.getEvidenceList()).hasSize(1);
        assertThat(alert.getEvidence(0).getPosition().getEpoch()).isEqualTo(1);
        found
            .computeIfAbsent(alert.getRuleId(), id -> new TreeSet<>())
            .add(alert.getEvidence(0).getPosition().getSequence());
      }
      found.keySet().removeIf(id -> NOT_JUDGED.contains(id.substring(0, 8)));
      assertThat(found).as(trace.toString()).isEqualTo(expected);
      judged += expected.size();
    }
    assertThat(judged).isGreaterThanOrEqualTo(20);
  }

  @Test
  void shouldAlertOnTheRecordedLog4ShellIntrusion() throws IOException {
    List<Alert> alerts = new ArrayList<>();
    for (Path trace : files("log4shell", ".json")) {
      alerts.addAll(detect(RecordedFormat.AUTO, trace));
    }
    assertThat(titles(alerts))
        .contains("Interactive Bash Suspicious Children", "System Owner or User Discovery - Linux");
    // The evidence is the line, from 0, as these records have no number.
    assertThat(alerts)
        .allMatch(alert -> alert.getEvidence(0).getPosition().getEpoch() == 0)
        .anyMatch(alert -> alert.getEvidence(0).getPosition().getSequence() == 34);
  }

  @Test
  void shouldReadTheAuditLog() throws IOException {
    List<Alert> alerts = new ArrayList<>();
    for (Path log : files("auditd", ".log")) {
      alerts.addAll(detect(RecordedFormat.AUTO, log));
    }
    assertThat(titles(alerts)).contains("Linux Remote System Discovery");
  }

  @Test
  void shouldReadTetragonsEvents() throws IOException {
    List<String> told = new ArrayList<>();
    try (Stream<Path> paths = Files.walk(corpora.resolve("tetragon"))) {
      for (Path path : paths.filter(each -> each.toString().endsWith(".json")).toList()) {
        try (RecordedEvents events = RecordedFormat.AUTO.open(path)) {
          for (NodeEvent event = events.next(); event != null; event = events.next()) {
            told.add(dev.interdict.schema.Event.parseFrom(event.body()).getKind().name());
          }
          assertThat(events.ignored()).as(path.toString()).isZero();
        }
      }
    }
    assertThat(told).contains("EXEC", "EXIT", "CONNECT", "LISTEN", "DISCONNECT", "OPEN");
  }

  private List<Path> files(String directory, String suffix) throws IOException {
    try (Stream<Path> paths = Files.list(corpora.resolve(directory))) {
      return paths.filter(path -> path.toString().endsWith(suffix)).sorted().toList();
    }
  }

  private List<Alert> detect(RecordedFormat format, Path path) throws IOException {
    List<Alert> alerts = new ArrayList<>();
    try (RecordedEvents events = format.open(path);
        RecordedDetection detection = new RecordedDetection(rules, true, alerts::add)) {
      for (NodeEvent event = events.next(); event != null; event = events.next()) {
        detection.process(event);
      }
    }
    return alerts;
  }

  private static Set<String> titles(List<Alert> alerts) {
    return alerts.stream().map(Alert::getRuleTitle).collect(Collectors.toSet());
  }

  private static Map<String, Set<Long>> expected(Path trace) throws IOException {
    String name = trace.getFileName().toString().replace(".jsonl", ".expected.json");
    JsonNode hits =
        new ObjectMapper().readTree(trace.resolveSibling(name).toFile()).get("sigma_hits");
    Map<String, Set<Long>> expected = new TreeMap<>();
    hits.fields()
        .forEachRemaining(
            hit ->
                hit.getValue()
                    .get("events")
                    .forEach(
                        seq ->
                            expected
                                .computeIfAbsent(hit.getKey(), id -> new TreeSet<>())
                                .add(seq.longValue())));
    return expected;
  }
}
