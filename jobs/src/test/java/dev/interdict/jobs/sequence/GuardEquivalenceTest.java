package dev.interdict.jobs.sequence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interdict.cep.RuleSet;
import dev.interdict.jobs.TestRules;
import dev.interdict.jobs.source.NodeEvent;
import dev.interdict.jobs.source.NodeEventSerializer;
import dev.interdict.record.NodeId;
import dev.interdict.schema.Alert;
import dev.interdict.schema.Event;
import dev.interdict.schema.EventView;
import dev.interdict.schema.Field;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.cep.functions.PatternProcessFunction;
import org.apache.flink.cep.nfa.aftermatch.AfterMatchSkipStrategy;
import org.apache.flink.cep.nfa.compiler.NFACompiler;
import org.apache.flink.cep.operator.CepOperator;
import org.apache.flink.cep.pattern.Pattern;
import org.apache.flink.cep.pattern.WithinType;
import org.apache.flink.cep.pattern.conditions.SimpleCondition;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.util.Collector;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Index, first-step guard and one shared operator must not change what is found: stock flink-cep,
 * one operator for each pattern and every event fed to it, finds the same.
 */
class GuardEquivalenceTest {
  private static final NodeId NODE = new NodeId(1, 1);
  private static final String[] PROGRAMS = {"a", "b", "c", "n", "x"};
  private static final String[] CONTAINERS = {"p", "q", "r"};
  private static final AfterMatchSkipStrategy SKIP = AfterMatchSkipStrategy.skipPastLastEvent();

  private static final RuleSet RULES =
      TestRules.of("a", "b", "c", "n")
          .sequence("abc", "20s", "rule: a", "rule: b", "rule: c")
          .sequence("a-without-n-b", "20s", "rule: a", "rule: n, absent: true", "rule: b")
          .sequence("a-soon-b", "20s", "rule: a", "rule: b, within: 5s")
          .sequence("aa-b", "20s", "rule: a, times: 2", "rule: b")
          .sequence("aba", "20s", "rule: a", "rule: b", "rule: a")
          .build();

  private static Map<String, Pattern<NodeEvent, ?>> stockPatterns() {
    Duration window = Duration.ofSeconds(20);
    return Map.of(
        "abc",
        first("a").followedBy("2").where(runs("b")).followedBy("3").where(runs("c")).within(window),
        "a-without-n-b",
        first("a")
            .notFollowedBy("2")
            .where(runs("n"))
            .followedBy("3")
            .where(runs("b"))
            .within(window),
        "a-soon-b",
        first("a")
            .followedBy("2")
            .where(runs("b"))
            .within(Duration.ofSeconds(5), WithinType.PREVIOUS_AND_CURRENT)
            .within(window),
        "aa-b",
        first("a").times(2).followedBy("2").where(runs("b")).within(window),
        "aba",
        first("a")
            .followedBy("2")
            .where(runs("b"))
            .followedBy("3")
            .where(runs("a"))
            .within(window));
  }

  private static Pattern<NodeEvent, NodeEvent> first(String program) {
    return Pattern.<NodeEvent>begin("1", SKIP).where(runs(program));
  }

  private static SimpleCondition<NodeEvent> runs(String program) {
    return SimpleCondition.of(event -> field(event, Field.PROCESS_EXE).equals("/bin/" + program));
  }

  private static String field(NodeEvent event, Field field) {
    return new EventView().wrap(event.body(), 0, event.body().length).string(field);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void shouldFindWhatStockFlinkFinds(long seed) throws Exception {
    List<NodeEvent> events = events(new Random(seed));
    Map<String, List<String>> expected = new TreeMap<>();
    for (Map.Entry<String, Pattern<NodeEvent, ?>> pattern : stockPatterns().entrySet()) {
      expected.put(TestRules.id(pattern.getKey()), stock(pattern.getValue(), events));
    }

    Map<String, List<String>> found = new TreeMap<>();
    expected.keySet().forEach(id -> found.put(id, new ArrayList<>()));
    try (DetectionHarness detection = DetectionHarness.start(RULES)) {
      for (NodeEvent event : events) {
        detection.feed(NODE, Event.parseFrom(event.body()));
      }
      for (Alert alert : detection.alerts()) {
        found
            .computeIfAbsent(alert.getRuleId(), id -> new ArrayList<>())
            .add(DetectionHarness.positions(alert).toString());
      }
      detection.feed(NODE, TestRules.tick(10_000_000));
      assertThat(detection.stateEntries()).isZero();
    }
    found.values().forEach(list -> list.sort(null));
    expected.values().forEach(list -> list.sort(null));
    found.keySet().retainAll(expected.keySet());
    assertThat(found).isEqualTo(expected);
    assertThat(expected.values()).allMatch(list -> list.size() > 3);
  }

  private static List<NodeEvent> events(Random random) {
    List<NodeEvent> events = new ArrayList<>();
    long millis = 0;
    for (int i = 1; i <= 400; i++) {
      millis += 1 + random.nextInt(2_500);
      String program = PROGRAMS[random.nextInt(PROGRAMS.length)];
      String container = CONTAINERS[random.nextInt(CONTAINERS.length)];
      events.add(TestRules.at(NODE, i, TestRules.exec(program, container, millis)));
    }
    return events;
  }

  private static List<String> stock(Pattern<NodeEvent, ?> pattern, List<NodeEvent> events)
      throws Exception {
    CepOperator<NodeEvent, String, String> operator =
        new CepOperator<>(
            NodeEventSerializer.INSTANCE,
            false,
            NFACompiler.compileFactory(pattern, false),
            null,
            SKIP,
            new Positions(),
            null);
    try (KeyedOneInputStreamOperatorTestHarness<String, NodeEvent, String> harness =
        new KeyedOneInputStreamOperatorTestHarness<>(
            operator, event -> field(event, Field.CONTAINER_ID), Types.STRING)) {
      harness.open();
      for (NodeEvent event : events) {
        harness.processElement(event, event.timeMillis());
        harness.processWatermark(event.timeMillis());
      }
      return new ArrayList<>(harness.extractOutputValues());
    }
  }

  private static final class Positions extends PatternProcessFunction<NodeEvent, String> {
    private static final long serialVersionUID = 1;

    @Override
    public void processMatch(
        Map<String, List<NodeEvent>> match, Context context, Collector<String> out) {
      List<Long> positions = new ArrayList<>();
      match.values().forEach(events -> events.forEach(e -> positions.add(e.sequence())));
      positions.sort(null);
      out.collect(positions.toString());
    }
  }
}
