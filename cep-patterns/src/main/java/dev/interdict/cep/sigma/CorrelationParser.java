package dev.interdict.cep.sigma;

import dev.interdict.cep.KeyExpression;
import dev.interdict.cep.Sequence;
import dev.interdict.cep.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads Sigma correlations of type temporal and temporal_ordered. */
final class CorrelationParser {
  private static final Set<String> COUNTING =
      Set.of("event_count", "value_count", "value_sum", "value_avg", "value_percentile");
  private static final Set<String> HOST =
      Set.of("ComputerName", "Computer", "Hostname", "host", "host.name", "hostname");

  private final References references;

  CorrelationParser(References references) {
    this.references = references;
  }

  Sequence parse(Yaml document, Metadata about, int index) {
    Yaml yaml = document.get("correlation");
    String type = yaml.need("type").text();
    List<CompiledRule> rules = references.rules(yaml.need("rules").items());
    if (COUNTING.contains(type)) {
      throw new RefusedException(
          "correlation type " + type + ": only temporal and temporal_ordered are supported");
    }
    boolean ordered = type.equals("temporal_ordered");
    if (!ordered && !type.equals("temporal")) {
      throw yaml.get("type").problem("unknown correlation type " + type);
    }
    if (!ordered && rules.size() > Sequence.MAX_UNORDERED_STEPS) {
      throw new RefusedException(
          "temporal over rules=" + rules.size() + " limit=" + Sequence.MAX_UNORDERED_STEPS);
    }
    if (rules.size() < 2) {
      throw yaml.get("rules").problem("a temporal correlation needs at least two rules");
    }
    condition(yaml, rules.size());
    List<Step> steps = new ArrayList<>();
    for (CompiledRule rule : rules) {
      steps.add(
          new Step(
              rule.rule().title(),
              new int[] {rule.rule().index()},
              key(yaml, rule),
              false,
              false,
              1,
              null));
    }
    return new Sequence(
        index,
        about.id(),
        about.name(),
        about.title(),
        about.description(),
        about.author(),
        about.level(),
        about.techniques(),
        steps,
        ordered,
        Durations.parse(yaml.need("timespan")),
        about.location());
  }

  /** Of a temporal correlation: how many of its rules must match; only all of them is supported. */
  private static void condition(Yaml yaml, int rules) {
    if (!yaml.has("condition")) {
      return;
    }
    Yaml condition = yaml.get("condition");
    if (condition.scalar()) {
      throw new RefusedException("extended condition of a temporal correlation");
    }
    for (Map.Entry<String, Yaml> entry : condition.entries().entrySet()) {
      boolean atLeast = entry.getKey().equals("gte") || entry.getKey().equals("eq");
      if (!atLeast || !entry.getValue().text().equals(Integer.toString(rules))) {
        throw new RefusedException(
            "condition of a temporal correlation other than all of its rules");
      }
    }
  }

  private static KeyExpression key(Yaml yaml, CompiledRule rule) {
    List<KeyExpression> keys = new ArrayList<>();
    for (String field : yaml.textsOf("group-by")) {
      if (!HOST.contains(field)) {
        keys.add(KeyExpression.labelled(field, rule.field(resolve(yaml, field, rule))));
      }
    }
    return keys.isEmpty() ? KeyExpression.node() : KeyExpression.all(keys);
  }

  private static String resolve(Yaml yaml, String field, CompiledRule rule) {
    Yaml alias = yaml.has("aliases") ? yaml.get("aliases").get(field) : null;
    if (alias == null) {
      return field;
    }
    Yaml source = alias.get(rule.rule().name());
    if (source == null) {
      throw alias.problem("alias " + field + " has no field for rule " + rule.rule().name());
    }
    return source.text();
  }
}
