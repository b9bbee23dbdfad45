package dev.interdict.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EngineSubjectTest {
  @Test
  void shouldMeasureWithHitsAlertsAndPartialMatches() throws Exception {
    Table table = new Table("engine");

    new EngineSubject()
        .measure(
            table,
            new Settings(true, 0, 0, 0, List.of("rules_100_sequences_10", "latency_20k", "state")));

    Map<String, Double> values = new HashMap<>();
    for (JsonNode row : new ObjectMapper().readTree(table.toJson()).get("rows")) {
      values.put(
          row.get("case").asText()
              + " "
              + row.get("metric").asText()
              + " "
              + row.get("peer").asText(""),
          row.get("value").asDouble());
    }
    String metric = " events_per_second_per_core ";
    String subcase = "rules_100_sequences_10";
    assertThat(values.get(subcase + metric + "no_rules")).isPositive();
    assertThat(values.get(subcase + " rule_hits ")).isGreaterThan(0.1);
    assertThat(values.get(subcase + " alerts ")).isPositive();
    assertThat(values.get(subcase + " live_partial_matches ")).isPositive();
    assertThat(values.get("latency_20k event_to_alert_p99 ")).isPositive();
    assertThat(values.get("state bytes_per_partial_match ")).isBetween(100.0, 100_000.0);
  }
}
