package dev.interdict.jobs.sequence;

import static dev.interdict.jobs.TestRules.exec;
import static dev.interdict.jobs.TestRules.tick;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interdict.cep.Count;
import dev.interdict.cep.Hits;
import dev.interdict.cep.Matcher;
import dev.interdict.cep.RuleSet;
import dev.interdict.cep.content.CountReplay;
import dev.interdict.cep.content.SequenceReplay.Finding;
import dev.interdict.cep.content.SequenceReplay.Observed;
import dev.interdict.jobs.TestRules;
import dev.interdict.record.NodeId;
import dev.interdict.schema.Alert;
import dev.interdict.schema.Event;
import dev.interdict.schema.EventView;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CountsTest {
  private static final NodeId NODE = new NodeId(1, 1);
  private static final NodeId OTHER = new NodeId(2, 2);

  private static RuleSet counting(String type, String condition) {
    return TestRules.of("a", "b", "c").correlation("counted", measuring(type, condition)).build();
  }

  private static String measuring(String type, String condition) {
    return """
        type: %s
        rules: [a, b, c]
        group-by: [container.id]
        timespan: 10s
        condition: %s
        """
        .formatted(type, condition);
  }

  private static Event pid(String program, String container, long millis, int pid) {
    Event event = exec(program, container, millis);
    return event.toBuilder().setProcess(event.getProcess().toBuilder().setPid(pid)).build();
  }

  @Test
  void shouldAlertWhenEnoughHappenedInTime() throws Exception {
    try (DetectionHarness detection = DetectionHarness.start(counting("event_count", "{gte: 3}"))) {
      detection.feed(NODE, exec("a", "box", 0));
      detection.feed(NODE, exec("b", "elsewhere", 1_000));
      detection.feed(NODE, exec("b", "box", 1_000));
      detection.feed(NODE, exec("x", "box", 2_000));
      detection.feed(NODE, exec("a", "box", 10_000));
      assertThat(detection.alerts()).isEmpty();
      detection.feed(NODE, exec("c", "box", 10_999));
      List<Alert> alerts = detection.alerts();
      assertThat(alerts).hasSize(1);
      assertThat(DetectionHarness.positions(alerts.get(0))).containsExactly(3L, 5L, 6L);
      assertThat(alerts.get(0).getRuleId()).isEqualTo(TestRules.id("counted"));
      assertThat(alerts.get(0).getKey()).isEqualTo("container.id=box");
      assertThat(alerts.get(0).getEvidence(2).getStep()).isEqualTo("Runs c");
      assertThat(alerts.get(0).getMessage())
          .isEqualTo("Correlation counted: /bin/c (pid 42) in container box, 3 events within 10s.");
      detection.feed(NODE, tick(60_000));
      assertThat(detection.stateEntries()).isZero();
    }
  }

  @Test
  void shouldJudgeByTheNodesOwnClockWhatCanOnlyBeKnownAtTheEnd() throws Exception {
    try (DetectionHarness detection = DetectionHarness.start(counting("event_count", "{lt: 3}"))) {
      detection.feed(NODE, exec("a", "box", 0));
      detection.feed(NODE, exec("a", "box", 5_000));
      detection.feed(OTHER, tick(3_600_000));
      detection.feed(NODE, tick(9_999));
      assertThat(detection.alerts()).isEmpty();
      detection.feed(NODE, tick(10_500));
      assertThat(detection.evidence()).containsExactly(List.of(1L, 2L));
      assertThat(detection.stateEntries()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "event_count {gte: 3}",
        "event_count {gt: 1, lte: 3}",
        "event_count {eq: 2}",
        "value_count {field: ProcessId, gte: 4}",
        "value_count {field: ProcessId, lt: 3}",
        "value_sum {field: ProcessId, gt: 12}",
        "value_avg {field: ProcessId, gte: 3.5}",
        "value_percentile {field: ProcessId, percentile: 75, gte: 5}",
        "value_percentile {field: ProcessId, lte: 20}",
        "temporal {gte: 3}",
        "temporal {lt: 2}"
      })
  void shouldFindWhatTheDefinitionFinds(String measure) throws Exception {
    int space = measure.indexOf(' ');
    RuleSet rules =
        counting(
            measure.substring(0, space),
            measure.substring(space).replace("ProcessId", "process.pid"));
    Count count = rules.counts().get(0);
    int found = 0;
    for (long seed = 1; seed <= 5; seed++) {
      List<Event> events = events(new Random(seed));
      TreeMap<Long, String> expected = new TreeMap<>();
      for (Finding finding : CountReplay.findings(count, observed(rules, events))) {
        expected.merge(1L + finding.events().get(0), finding.key(), (a, b) -> a + " " + b);
      }
      assertThat(expected).as("findings of seed " + seed).isNotEmpty();
      DetectionHarness detection = DetectionHarness.start(rules);
      List<Alert> alerts = new ArrayList<>();
      for (int i = 0; i < events.size(); i++) {
        detection.feed(NODE, events.get(i));
        alerts.addAll(detection.alerts());
        if (i % 100 == 99) {
          detection = detection.restore(rules);
        }
      }
      detection.feed(NODE, tick(10_000_000));
      alerts.addAll(detection.alerts());
      assertThat(alerts).as("alerts of seed " + seed).hasSameSizeAs(expected.keySet());
      assertThat(alerts.stream().map(Alert::getKey).sorted().toList())
          .isEqualTo(expected.values().stream().sorted().toList());
      assertThat(detection.stateEntries()).isZero();
      detection.close();
      found += alerts.size();
    }
    assertThat(found).isGreaterThan(5);
  }

  private static List<Event> events(Random random) {
    List<Event> events = new ArrayList<>();
    long millis = 0;
    for (int i = 0; i < 300; i++) {
      millis += 1 + random.nextInt(random.nextInt(10) == 0 ? 15_000 : 2_000);
      String program = "abcx".substring(random.nextInt(4)).substring(0, 1);
      events.add(pid(program, "p" + random.nextInt(3), millis, 1 + random.nextInt(6)));
    }
    return events;
  }

  private static List<Observed> observed(RuleSet rules, List<Event> events) {
    Matcher matcher = rules.newMatcher();
    Hits hits = new Hits();
    List<Observed> observed = new ArrayList<>();
    for (Event event : events) {
      byte[] bytes = event.toByteArray();
      matcher.match(new EventView().wrap(bytes, 0, bytes.length), hits);
      observed.add(Observed.of(bytes, hits));
    }
    return observed;
  }

  @Test
  void shouldChainCorrelations() throws Exception {
    RuleSet rules =
        TestRules.of("a", "b")
            .correlation(
                "many",
                "type: event_count\nrules: a\ntimespan: 10s\n"
                    + "group-by: [container.id]\ncondition: {gte: 3}")
            .correlation(
                "then",
                "type: temporal_ordered\nrules: [many, b]\ntimespan: 1m\n"
                    + "group-by: [container.id]")
            .correlation(
                "often", "type: event_count\nrules: then\ntimespan: 1h\n" + "condition: {gte: 2}")
            .build();
    try (DetectionHarness detection = DetectionHarness.start(rules)) {
      for (String container : List.of("one", "two")) {
        detection.feed(NODE, exec("b", container, 0));
        for (int i = 1; i <= 3; i++) {
          detection.feed(NODE, exec("a", container, i * 1_000));
        }
        assertThat(detection.alerts()).isEmpty();
        detection.feed(NODE, exec("b", container, 20_000));
      }
      List<Alert> alerts = detection.alerts();
      assertThat(alerts).extracting(Alert::getRuleId).containsExactly(TestRules.id("often"));
      assertThat(DetectionHarness.positions(alerts.get(0))).containsExactly(5L, 10L);
    }
  }

  @Test
  void shouldChainWhatWasJudgedAtTheEndOfASpan() throws Exception {
    RuleSet rules =
        TestRules.of("a", "b")
            .correlation(
                "few",
                "type: event_count\nrules: a\ntimespan: 10s\n"
                    + "group-by: [container.id]\ncondition: {lte: 2}")
            .correlation(
                "then",
                "type: temporal_ordered\nrules: [few, b]\ntimespan: 1m\n"
                    + "group-by: [container.id]")
            .build();
    try (DetectionHarness detection = DetectionHarness.start(rules)) {
      detection.feed(NODE, exec("a", "one", 0));
      detection.feed(NODE, exec("a", "two", 0));
      detection.feed(NODE, exec("b", "two", 5_000));
      // At once when the next event comes, or with the node's clock.
      detection.feed(NODE, exec("a", "one", 10_001));
      detection.feed(NODE, exec("b", "one", 10_002));
      assertThat(detection.evidence()).containsExactly(List.of(1L, 5L));
      detection.feed(NODE, exec("b", "two", 15_000));
      assertThat(detection.evidence()).containsExactly(List.of(2L, 6L));
    }
  }

  @Test
  void shouldKeepWindowsOfUnchangedCountsWhenTheRulesChange() throws Exception {
    RuleSet before =
        TestRules.of("a", "b")
            .correlation("kept", "type: event_count\nrules: a\ntimespan: 1m\ncondition: {gte: 2}")
            .correlation("gone", "type: event_count\nrules: b\ntimespan: 1m\ncondition: {gte: 2}")
            .build();
    RuleSet after =
        TestRules.of("b", "z", "a")
            .correlation("new", "type: event_count\nrules: z\ntimespan: 1m\ncondition: {gte: 2}")
            .correlation("kept", "type: event_count\nrules: a\ntimespan: 1m\ncondition: {gte: 2}")
            .build();
    DetectionHarness detection = DetectionHarness.start(before);
    detection.feed(NODE, exec("a", "box", 0));
    detection.feed(NODE, exec("b", "box", 0));
    detection.alerts();
    try (DetectionHarness restored = detection.restore(after)) {
      restored.feed(NODE, exec("a", "box", 1_000));
      assertThat(restored.alerts())
          .extracting(Alert::getRuleId)
          .containsExactly(TestRules.id("kept"));
      restored.feed(NODE, tick(200_000));
      assertThat(restored.stateEntries()).isZero();
    }
  }

  @Test
  void shouldGoOnCountingAfterARescale() throws Exception {
    RuleSet rules = counting("event_count", "{gte: 3}");
    DetectionHarness detection = DetectionHarness.start(rules);
    List<NodeId> nodes = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      nodes.add(new NodeId(i, i));
      detection.feed(nodes.get(i), exec("a", "box", 0));
      detection.feed(nodes.get(i), exec("b", "box", 1));
    }
    assertThat(detection.alerts()).isEmpty();
    List<DetectionHarness> subtasks = detection.rescale(rules, 3);
    for (NodeId node : nodes) {
      DetectionHarness subtask = subtasks.get(DetectionHarness.subtaskOf(node, 3));
      subtask.feed(node, exec("c", "box", 2));
      assertThat(subtask.evidence()).containsExactly(List.of(1L, 2L, 3L));
      subtask.feed(node, tick(60_000));
    }
    for (DetectionHarness subtask : subtasks) {
      assertThat(subtask.stateEntries()).isZero();
      subtask.close();
    }
  }

  @Test
  void shouldCountAFloodOfEventsOfOneKeyWithoutHoldingThem() throws Exception {
    RuleSet rules = counting("event_count", "{gte: 20000}");
    try (DetectionHarness detection = DetectionHarness.start(rules)) {
      for (int i = 0; i < 20_000; i++) {
        assertThat(detection.alerts()).isEmpty();
        detection.feed(NODE, exec("a", "box", i / 4));
      }
      List<Alert> alerts = detection.alerts();
      assertThat(alerts).hasSize(1);
      assertThat(alerts.get(0).getEvidenceCount()).isEqualTo(Window.MAX_EVIDENCE);
      assertThat(alerts.get(0).getMessage()).contains("20000 events");
    }
  }

  @Test
  void shouldOutliveAMillionKeys() throws Exception {
    RuleSet rules = counting("event_count", "{gte: 3}");
    try (DetectionHarness detection = DetectionHarness.start(rules)) {
      for (int i = 0; i < 1_000_000; i++) {
        detection.feed(NODE, exec("a", "box" + i, i / 1_000));
      }
      long keys = detection.stateSize().get("windows");
      assertThat(keys).isBetween(10_000L, 300_000L);
      assertThat(detection.windowsShed()).isEqualTo(1_000_000 - keys);
      // What came last is still known.
      detection.feed(NODE, exec("b", "box999999", 1_000));
      detection.feed(NODE, exec("c", "box999999", 1_001));
      assertThat(detection.alerts()).hasSize(1);
      detection.feed(NODE, tick(60_000));
      assertThat(detection.stateEntries()).isZero();
    }
  }
}
