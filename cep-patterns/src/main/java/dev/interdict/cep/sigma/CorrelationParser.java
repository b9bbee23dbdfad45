package dev.interdict.cep.sigma;

import dev.interdict.cep.About;
import dev.interdict.cep.Count;
import dev.interdict.cep.Count.Measure;
import dev.interdict.cep.KeyExpression;
import dev.interdict.cep.KindFields;
import dev.interdict.cep.Sequence;
import dev.interdict.cep.Step;
import dev.interdict.cep.Threshold;
import dev.interdict.cep.index.Expression;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads Sigma correlations. */
final class CorrelationParser {
  private static final Map<String, Measure> MEASURES =
      Map.of(
          "event_count", Measure.EVENTS,
          "value_count", Measure.VALUES,
          "value_sum", Measure.SUM,
          "value_avg", Measure.AVERAGE,
          "value_percentile", Measure.SHARE,
          "temporal", Measure.RULES);
  private static final String ORDERED = "temporal_ordered";
  private static final Set<String> HOST =
      Set.of("ComputerName", "Computer", "Hostname", "host", "host.name", "hostname");
  private static final Set<String> OWN_KEYS =
      Set.of("entity", "container", "lineage", "process", "node");
  private static final Set<String> OPERATORS = Set.of("gt", "gte", "lt", "lte", "eq", "neq");
  private static final int MAX_RULES = 32;

  private final References references;
  private final Numbering numbering;

  /** Positions that the next sequence or count takes. */
  interface Numbering {
    int sequence();

    int count();

    int hit();
  }

  CorrelationParser(References references, Numbering numbering) {
    this.references = references;
    this.numbering = numbering;
  }

  CompiledCorrelation parse(Yaml document, About about) {
    Yaml yaml = document.get("correlation");
    Yaml type = yaml.need("type");
    Measure measure = MEASURES.get(type.text());
    if (measure == null && !type.text().equals(ORDERED)) {
      throw type.problem(
          "unknown correlation type "
              + type.text()
              + ": expected one of "
              + String.join(", ", new java.util.TreeSet<>(MEASURES.keySet()))
              + ", "
              + ORDERED);
    }
    List<Part> parts = references.parts(yaml.need("rules").items());
    if (parts.isEmpty() || parts.size() > MAX_RULES) {
      throw yaml.get("rules").problem("rules=" + parts.size() + " limit=1 to " + MAX_RULES);
    }
    if ((measure == null || measure == Measure.RULES) && parts.size() < 2) {
      throw yaml.get("rules").problem("a temporal correlation needs at least two rules");
    }
    return measure == null ? ordered(yaml, about, parts) : counted(yaml, about, measure, parts);
  }

  private CompiledCorrelation ordered(Yaml yaml, About about, List<Part> parts) {
    if (yaml.has("condition")) {
      Threshold threshold = threshold(yaml.get("condition"));
      if (!threshold.rising() || threshold.least() != parts.size()) {
        throw new RefusedException(
            "condition of an ordered correlation other than all of its rules");
      }
    }
    List<Step> steps = new ArrayList<>();
    for (Part part : parts) {
      steps.add(
          new Step(
              part.about().title(),
              new int[] {part.hit()},
              key(yaml, part),
              false,
              false,
              1,
              null,
              Expression.TRUE,
              part.about().evidence(),
              "",
              null));
    }
    Sequence sequence =
        new Sequence(
            numbering.sequence(),
            numbering.hit(),
            about,
            steps,
            Durations.parse(yaml.need("timespan")),
            true);
    return new CompiledCorrelation(sequence, List.of(parts.get(parts.size() - 1)));
  }

  private CompiledCorrelation counted(Yaml yaml, About about, Measure measure, List<Part> parts) {
    Yaml condition = measure == Measure.RULES ? yaml.get("condition") : yaml.need("condition");
    Threshold threshold =
        condition == null ? Threshold.atLeast(parts.size()) : threshold(condition);
    double percentile = 0;
    if (measure == Measure.SHARE && condition.has("percentile")) {
      measure = Measure.PERCENTILE;
      percentile = number(condition.get("percentile"));
      if (percentile <= 0 || percentile > 100) {
        throw condition
            .get("percentile")
            .problem("invalid percentile=" + percentile + " expected above 0, up to 100");
      }
    }
    boolean ofValue = measure != Measure.EVENTS && measure != Measure.RULES;
    if (ofValue != (condition != null && condition.has("field"))) {
      throw condition.problem(
          ofValue
              ? "missing field: whose values are measured"
              : "field has no meaning where events are counted");
    }
    List<Count.Part> counted = new ArrayList<>();
    for (Part part : parts) {
      counted.add(part(yaml, measure, part));
    }
    Count count =
        new Count(
            numbering.count(),
            numbering.hit(),
            about,
            measure,
            percentile,
            counted,
            threshold,
            Durations.parse(yaml.need("timespan")),
            true);
    if (measure == Measure.VALUES && threshold.min() > Count.MAX_VALUES) {
      throw new RefusedException(
          "value_count of " + threshold.least() + " values limit=" + Count.MAX_VALUES);
    }
    return new CompiledCorrelation(count, parts);
  }

  private static Count.Part part(Yaml yaml, Measure measure, Part part) {
    KeyExpression key = key(yaml, part);
    KeyExpression value = null;
    KindFields number = null;
    if (measure == Measure.VALUES || measure == Measure.SHARE) {
      List<KeyExpression> values = new ArrayList<>();
      for (String field : yaml.get("condition").textsOf("field")) {
        KindFields fields = part.fields(resolve(yaml, field, part), "field");
        values.add(KeyExpression.labelled(field, fields));
      }
      value = all(yaml.get("condition").get("field"), values);
    } else if (measure != Measure.EVENTS && measure != Measure.RULES) {
      Yaml field = yaml.get("condition").get("field");
      number = part.fields(resolve(yaml, field.text(), part), "field");
      if (!number.isNumber()) {
        throw field.problem("field " + field.text() + " is not a number: " + number);
      }
    }
    return new Count.Part(
        part.hit(), part.about().title(), key, value, number, part.about().evidence());
  }

  private static Threshold threshold(Yaml condition) {
    if (condition.scalar()) {
      throw new RefusedException("extended condition " + condition.text());
    }
    Threshold threshold = Threshold.ANY;
    for (Map.Entry<String, Yaml> entry : condition.entries().entrySet()) {
      String key = entry.getKey();
      if (OPERATORS.contains(key)) {
        threshold = threshold.and(key, number(entry.getValue()));
      } else if (!key.equals("field") && !key.equals("percentile")) {
        throw new RuleSyntaxException(
            condition.at(key),
            "unknown condition " + key + ": expected gt, gte, lt, lte, eq, neq or field");
      }
    }
    if (threshold.equals(Threshold.ANY)) {
      throw condition.problem("a condition needs one of gt, gte, lt, lte, eq, neq");
    }
    if (threshold.empty()) {
      throw condition.problem("no number is " + threshold);
    }
    return threshold;
  }

  private static double number(Yaml yaml) {
    try {
      double value = Double.parseDouble(yaml.text().strip());
      if (Double.isFinite(value)) {
        return value;
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw yaml.problem("expected a number, found " + yaml.text());
  }

  private static KeyExpression key(Yaml yaml, Part part) {
    List<KeyExpression> keys = new ArrayList<>();
    for (String field : yaml.textsOf("group-by")) {
      if (OWN_KEYS.contains(field)) {
        keys.add(KeyExpression.parse(List.of(field)));
      } else if (!HOST.contains(field)) {
        keys.add(
            KeyExpression.labelled(field, part.fields(resolve(yaml, field, part), "group-by")));
      }
    }
    return keys.isEmpty() ? KeyExpression.node() : all(yaml.get("group-by"), keys);
  }

  private static KeyExpression all(Yaml yaml, List<KeyExpression> keys) {
    try {
      return KeyExpression.all(keys);
    } catch (IllegalArgumentException e) {
      throw yaml.problem(e.getMessage());
    }
  }

  private static String resolve(Yaml yaml, String field, Part part) {
    Yaml alias = yaml.has("aliases") ? yaml.get("aliases").get(field) : null;
    if (alias == null) {
      return field;
    }
    Yaml source = alias.get(part.about().name());
    if (source == null) {
      source = alias.get(part.about().id());
    }
    if (source == null) {
      throw alias.problem("alias " + field + " has no field for rule " + part.about().title());
    }
    return source.text();
  }
}
