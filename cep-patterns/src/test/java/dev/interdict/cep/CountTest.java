package dev.interdict.cep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interdict.cep.content.CountReplay;
import dev.interdict.cep.content.SequenceReplay.Finding;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@link Letters} says how rules and events are written here. */
class CountTest {
  private static RuleSet set(String correlation) {
    return Letters.rules(counted(correlation));
  }

  private static String counted(String correlation) {
    return "title: Counted\nid: counted\ncorrelation:\n" + correlation.indent(2);
  }

  private static List<Finding> findings(String correlation, String events) {
    RuleSet set = set(correlation);
    return CountReplay.findings(set.counts().get(0), Letters.observe(set, events));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "event_count;gte: 3;a a a;1",
        "event_count;gte: 3;a b a;0",
        "event_count;gt: 3;a a a;0",
        "event_count;gte: 3;0a 1a 10a;0",
        "event_count;gte: 3;0a 1a 9a;1",
        "event_count;gte: 3;0a 5a 6a 14a;1",
        "event_count;gte: 2;a a a a a;2",
        "event_count;lt: 3;0a 1a 30a 31a 32a 60a;2",
        "event_count;eq: 2;0a 1a 30a 31a 32a;1",
        "event_count;neq: 2;0a 1a 30a 31a 32a;1",
        "event_count;{gt: 1, lte: 3};0a 30a 31a 60a 61a 62a 63a;1",
        "value_count;{field: User, gte: 3};a.1 a.2 a.3;1",
        "value_count;{field: User, gte: 3};a.1 a.2 a.2 a.1;0",
        "value_count;{field: User, gte: 3};0a.1 1a.2 11a.3;0",
        "value_count;{field: [User, Image], gte: 3};a.1 aa.1 a.2;1",
        "value_sum;{field: ProcessId, gt: 100};a.50 a.50 a.1;1",
        "value_sum;{field: ProcessId, gt: 100};a.50 a.50;0",
        "value_sum;{field: ProcessId, lte: 100};a.50 a.50;1",
        "value_avg;{field: ProcessId, gt: 5.5};0a.9 1a.1 2a.7;1",
        "value_avg;{field: ProcessId, gt: 5.5};0a.9 1a.1 2a.6;0",
        "value_percentile;{field: ProcessId, percentile: 50, gte: 7};a.1 a.7 a.9;1",
        "value_percentile;{field: ProcessId, percentile: 50, gte: 7};a.1 a.6 a.9;0",
        "value_percentile;{field: User, lte: 25};a.1 a.1 a.1 a.2;1",
        "value_percentile;{field: User, lte: 24};a.1 a.1 a.1 a.2;0"
      })
  void shouldMeasureOverASpan(String type, String condition, String events, int count) {
    String map = condition.startsWith("{") ? condition : "{" + condition + "}";
    String correlation =
        "type: %s\nrules: a\ngroup-by: [ComputerName]\ntimespan: 10s\ncondition: %s"
            .formatted(type, map);
    assertThat(findings(correlation, events)).hasSize(count);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "{};a b c;1",
        "{};c a b;1",
        "{};0a 1b 12c;0",
        "{};abc;1",
        "{};a.1 b.2 c.1;0",
        "{};a.1 b.2 c.1 b.1;1",
        "{};a a b;0",
        "{gte: 2};a b;1",
        "{gt: 2};a b;0"
      })
  void shouldTakeRulesInAnyOrder(String condition, String events, int count) {
    String correlation =
        "type: temporal\nrules: [a, b, c]\ngroup-by: [User]\ntimespan: 10s"
            + (condition.equals("{}") ? "" : "\ncondition: " + condition);
    assertThat(findings(correlation, events)).hasSize(count);
  }

  @Test
  void shouldCountEachGroupByItself() {
    String correlation =
        "type: event_count\nrules: [a, b]\ngroup-by: [User]\ntimespan: 10s\ncondition: {gte: 2}";
    assertThat(findings(correlation, "a.1 b.2 a.2 b.3 b.1"))
        .containsExactly(
            new Finding("User=u2", List.of(1, 2)), new Finding("User=u1", List.of(0, 4)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "type: event_counts;4: unknown correlation type event_counts",
        "type: event_count~rules: a;4: missing condition",
        "type: event_count~rules: a~condition: {gte: 5};4: missing timespan",
        "type: event_count~rules: a~condition: {more: 5};6: unknown condition more",
        "type: event_count~rules: a~condition: {field: x};6: a condition needs one of gt",
        "type: event_count~rules: a~condition: {gte: many};6: expected a number, found many",
        "type: event_count~rules: a~condition: {gt: 5, lt: 5};6: no number is > 5 and < 5",
        "type: event_count~rules: a~condition: {field: User, gt: 5};6: field has no meaning",
        "type: value_count~rules: a~condition: {gte: 5};6: missing field",
        "type: value_sum~rules: a~condition: {field: Image, gte: 5};6: field Image is not a number",
        "type: value_percentile~rules: a~condition: {field: ProcessId, percentile: 0, gte: 5};"
            + "6: invalid percentile=0.0",
        "type: temporal~rules: a;5: a temporal correlation needs at least two rules",
        "type: event_count~rules: d~condition: {gte: 5};5: no rule has the id or name d",
        "type: event_count~rules: counted~condition: {gte: 5};5: needs itself through counted",
        "type: temporal~rules: [a, b]~timespan: 1h~group-by: x~aliases: {x: {a: User}};"
            + "8: alias x has no field for rule b"
      })
  void shouldSayWhatIsWrong(String correlation, String message) {
    assertThatThrownBy(() -> set(correlation.replace('~', '\n')))
        .isInstanceOf(InvalidRulesException.class)
        .hasMessageContaining("test.yml:" + message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "type: event_count~rules: a~group-by: LogonId~timespan: 1h~condition: {gte: 5};"
            + "group-by LogonId: no event of the rule carries it: a",
        "type: value_count~rules: a~timespan: 1h~condition: {field: User, gte: 10001};"
            + "value_count of 10001 values limit=10000",
        "type: temporal~rules: [a, b]~timespan: 1h~condition: a and not b;"
            + "extended condition a and not b"
      })
  void shouldRefuseWhatItCannotMeasure(String correlation, String reason) {
    RuleSet set = set(correlation.replace('~', '\n'));
    assertThat(set.counts()).isEmpty();
    assertThat(set.refusals()).extracting(Refusal::reason).containsExactly(reason);
  }

  @Test
  void shouldFindAFieldWhereEachKindHasIt() {
    RuleSet set =
        Sets.of(
            """
            title: Connects
            name: connects
            logsource: {category: network_connection}
            detection:
              s: {DestinationPort: 22}
              condition: s
            ---
            title: Many
            correlation:
              type: value_count
              rules: connects
              group-by: [SourceIp, container.id]
              timespan: 1m
              condition: {field: DestinationIp, gte: 5}
            """);
    Count.Part part = set.counts().get(0).parts().get(0);
    assertThat(part.key())
        .hasToString(
            "connect:connection.local_address|accept:connection.remote_address,container.id");
    assertThat(part.value())
        .hasToString("connect:connection.remote_address|accept:connection.local_address");
  }

  @Test
  void shouldOrderCorrelationsByWhatTheyNeed() {
    RuleSet set =
        Sets.of(
            Letters.yaml(
                    counted(
                        "type: temporal_ordered\nrules: [inner, b]\ngroup-by: [User]\ntimespan: 1m"))
                + """
                ---
                title: Inner
                name: inner
                correlation:
                  type: event_count
                  rules: a
                  timespan: 1m
                  condition: {gte: 3}
                """);
    assertThat(set.correlations()).extracting(Described::title).containsExactly("Inner", "Counted");
    assertThat(set.hits()).isEqualTo(5);
    assertThat(set.byHit(3).title()).isEqualTo("Inner");
    assertThat(set.counts().get(0).alerts()).isFalse();
    assertThat(set.sequences().get(0).alerts()).isTrue();
    assertThat(set.sequences().get(0).steps().get(0).rules()).containsExactly(3);
  }
}
