package dev.interdict.benchmarks;

import dev.interdict.benchmarks.engine.EngineInput;
import dev.interdict.benchmarks.engine.EngineRules;
import dev.interdict.benchmarks.engine.EngineRun;
import dev.interdict.benchmarks.engine.StockCep;
import dev.interdict.cep.RuleSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** What an event costs by the number of rules and sequences. */
final class EngineSubject implements Subject {
  private static final int[] RULES = {0, 10, 100, 250, 1000};
  private static final int[] SEQUENCES = {0, 10, 50, 200};
  private static final String NOTHING = "rules_0_sequences_0";
  private static final String STOCK_CASE = "rules_0_sequences_50";
  private static final String BUILTIN = "builtin_content";
  private static final String LATENCY = "latency_20k";
  private static final String STATE = "state";
  private static final String METRIC = "events_per_second_per_core";
  private static final String FALCO = "falco_0.44.1_%d_rules, elsewhere";

  @Override
  public String name() {
    return "engine";
  }

  @Override
  public String about() {
    return "detection by rules and sequences, against none and against stock flink-cep";
  }

  @Override
  public List<String> cases() {
    List<String> cases = new ArrayList<>();
    for (int rules : RULES) {
      for (int sequences : SEQUENCES) {
        cases.add(subcase(rules, sequences));
      }
    }
    cases.addAll(List.of(BUILTIN, LATENCY, STATE));
    return cases;
  }

  private static String subcase(int rules, int sequences) {
    return "rules_" + rules + "_sequences_" + sequences;
  }

  @Override
  public void measure(Table table, Settings settings) throws Exception {
    EngineInput input = EngineInput.open(settings.quick() ? 5_000 : 100_000, 50);
    long nanos = TimeUnit.MILLISECONDS.toNanos(settings.quick() ? 100 : 5_000);
    table.note(
        String.format(
            Locale.ROOT,
            "input: %s; %.0f %% execs, %.0f bytes an event; one thread, its processor time",
            input.about(),
            100 * input.execShare(),
            input.bytesPerEvent()));
    if (settings.quick()) {
      table.note("a quick run: its figures mean nothing");
    }
    // What the others are held against is measured whatever was chosen.
    EngineRun.Result nothing = EngineRun.measure(input, EngineRules.of(0, 0), nanos);
    for (int rules : RULES) {
      for (int sequences : SEQUENCES) {
        String subcase = subcase(rules, sequences);
        if (settings.wants(subcase)) {
          rows(table, subcase, run(input, rules, sequences, nothing, nanos), nothing);
          peers(table, settings, input, subcase);
        }
      }
    }
    if (settings.wants(BUILTIN)) {
      RuleSet builtin = RuleSet.builtin();
      rows(table, BUILTIN, EngineRun.measure(input, builtin, nanos), nothing);
      table.note(
          BUILTIN
              + ": "
              + builtin.rules().size()
              + " rules, "
              + builtin.sequences().size()
              + " sequences");
    }
    if (settings.wants(LATENCY)) {
      double[] millis = EngineRun.latencies(input, EngineRules.of(250, 50), 20_000, 2 * nanos);
      table.ours(LATENCY, "event_to_alert_p50", Ratios.quantile(millis, 0.5), "ms");
      table.ours(LATENCY, "event_to_alert_p99", Ratios.quantile(millis, 0.99), "ms");
      table.note(LATENCY + ": the detector alone, 250 rules and 50 sequences, one thread");
    }
    if (settings.wants(STATE)) {
      int matches = settings.quick() ? 4_000 : 90_000;
      table.ours(
          STATE,
          "bytes_per_partial_match",
          EngineRun.bytesPerPartialMatch(input, EngineRules.of(0, 1), matches),
          "B");
    }
  }

  private static EngineRun.Result run(
      EngineInput input, int rules, int sequences, EngineRun.Result nothing, long nanos)
      throws Exception {
    System.err.printf("rules=%d sequences=%d%n", rules, sequences);
    return rules + sequences == 0
        ? nothing
        : EngineRun.measure(input, EngineRules.of(rules, sequences), nanos);
  }

  private static void rows(
      Table table, String subcase, EngineRun.Result result, EngineRun.Result nothing) {
    table.ours(subcase, METRIC, result.eventsPerSecond(), "1/s");
    if (!subcase.equals(NOTHING)) {
      table.peer(subcase, METRIC, nothing.eventsPerSecond(), "1/s", "no_rules");
    }
    table.ours(subcase, "bytes_allocated", result.bytesPerEvent(), "B");
    table.ours(subcase, "rule_hits", 100 * result.hitShare(), "% of events");
    table.ours(subcase, "alerts", result.alerts(), "");
    table.ours(subcase, "live_partial_matches", result.openKeys(), "join keys");
  }

  private static void peers(Table table, Settings settings, EngineInput input, String subcase)
      throws Exception {
    if (subcase.equals(STOCK_CASE)) {
      int events = settings.quick() ? 1_000 : 40_000;
      table.peer(subcase, METRIC, StockCep.measure(input, 50, events), "1/s", "stock_flink_cep");
    }
    switch (subcase) {
      case "rules_10_sequences_0" ->
          table.published(subcase, METRIC, 835_000, "1/s", FALCO.formatted(25));
      case "rules_100_sequences_0" ->
          table.published(subcase, METRIC, 266_000, "1/s", FALCO.formatted(93));
      default -> {
        // Nothing was published for it.
      }
    }
  }
}
