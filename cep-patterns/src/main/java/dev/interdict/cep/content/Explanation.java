package dev.interdict.cep.content;

import dev.interdict.cep.Count;
import dev.interdict.cep.Count.Measure;
import dev.interdict.cep.Described;
import dev.interdict.cep.Exemption;
import dev.interdict.cep.Rule;
import dev.interdict.cep.RuleSet;
import dev.interdict.cep.Sequence;
import dev.interdict.cep.ShownField;
import dev.interdict.cep.Step;
import dev.interdict.cep.index.Expression;
import dev.interdict.schema.Kind;
import dev.interdict.schema.Kinds;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What a rule, correlation or sequence means here, in words. */
public final class Explanation {
  private final RuleSet set;
  private final List<String> lines = new ArrayList<>();

  private Explanation(RuleSet set) {
    this.set = set;
  }

  /** Without title, id and place: lines, indented by two blanks for each level. */
  public static List<String> of(RuleSet set, Described subject) {
    Explanation explanation = new Explanation(set);
    if (subject instanceof Rule rule) {
      explanation.rule(rule);
    } else if (subject instanceof Sequence sequence) {
      explanation.sequence(sequence);
    } else {
      explanation.count((Count) subject);
    }
    explanation.consequences(subject);
    return explanation.lines;
  }

  private void add(int depth, String text) {
    lines.add("  ".repeat(depth) + text);
  }

  private void rule(Rule rule) {
    Map<Kind, Expression> conditions = new TreeMap<>(set.conditions(rule));
    add(0, "logsource: " + rule.logsource());
    conditions.forEach(
        (kind, condition) -> {
          add(0, "an event of kind " + Kinds.name(kind.getNumber()) + " where");
          expression(1, condition);
        });
    rule.fields().forEach(field -> add(0, "field " + field));
    rule.notes().forEach(note -> add(0, "loses: " + note));
  }

  private void expression(int depth, Expression expression) {
    if (expression instanceof Expression.And and) {
      add(depth, "all of");
      and.operands().forEach(operand -> expression(depth + 1, operand));
    } else if (expression instanceof Expression.Or or) {
      add(depth, "any of");
      or.operands().forEach(operand -> expression(depth + 1, operand));
    } else if (expression instanceof Expression.Not not) {
      add(depth, "not");
      expression(depth + 1, not.operand());
    } else if (expression instanceof Expression.Match match) {
      add(depth, match.predicate().toString());
    } else {
      add(depth, expression.equals(Expression.TRUE) ? "anything" : "nothing");
    }
  }

  private void sequence(Sequence sequence) {
    add(0, "events in this order within " + text(sequence.within()) + ":");
    int number = 1;
    for (Step step : sequence.steps()) {
      add(1, number++ + ". " + (step.absent() ? "no " : "") + step.name());
      add(2, "hits " + hits(step.rules()));
      add(2, "key " + step.key());
      if (step.times() > 1) {
        add(2, step.times() + " times");
      }
      if (step.within() != null) {
        add(2, "within " + text(step.within()) + " of the step before");
      }
      if (step.sameEvent()) {
        add(2, "the event of the step before will do");
      }
      if (!step.when().equals(Expression.TRUE)) {
        add(2, "when");
        expression(3, step.when());
      }
      if (step.where() != null) {
        String called = step.alias().isEmpty() ? "" : step.alias() + ": ";
        add(2, "where " + called + step.where());
      } else if (!step.alias().isEmpty()) {
        add(2, "called " + step.alias());
      }
      shown(2, step.evidence());
    }
  }

  private void count(Count count) {
    Count.Part first = count.parts().get(0);
    add(0, measure(count.measure(), count.percentile()) + " " + count.threshold() + unit(count));
    add(
        0,
        count.sliding()
            ? "judged at each event, over the " + text(count.within()) + " before it"
            : "judged when " + text(count.within()) + " have passed since the first event");
    for (Count.Part part : count.parts()) {
      add(0, "of events that hit " + hits(new int[] {part.hit()}));
      add(1, "grouped by " + part.key());
      if (part.value() != null) {
        add(1, "value " + part.value());
      }
      if (part.number() != null) {
        add(1, "number " + part.number());
      }
    }
    shown(0, first.evidence());
  }

  private static String measure(Measure measure, double percentile) {
    return switch (measure) {
      case EVENTS -> "number of events";
      case RULES -> "number of rules that were hit, in any order,";
      case VALUES -> "number of distinct values";
      case SUM -> "sum";
      case AVERAGE -> "average";
      case PERCENTILE -> "percentile " + percentile;
      case SHARE -> "share of any value";
    };
  }

  private static String unit(Count count) {
    return count.measure() == Measure.SHARE ? " %" : "";
  }

  private String hits(int[] hits) {
    List<String> names = new ArrayList<>();
    for (int hit : hits) {
      names.add('"' + set.byHit(hit).title() + '"');
    }
    return String.join(" or ", names);
  }

  private void consequences(Described subject) {
    add(0, "level " + subject.level().name().toLowerCase(Locale.ROOT));
    subject
        .about()
        .severities()
        .forEach(
            severity -> {
              String level = severity.level().name().toLowerCase(Locale.ROOT);
              String reason = severity.reason().isEmpty() ? "" : " (" + severity.reason() + ")";
              add(0, "level " + level + reason + " where any of its events is");
              expression(1, severity.when());
            });
    if (!subject.techniques().isEmpty()) {
      add(0, "techniques " + String.join(", ", subject.techniques()));
    }
    if (!subject.about().response().isEmpty()) {
      add(0, "recommends " + subject.about().response());
    }
    shown(0, subject.about().evidence());
    boolean alerts =
        subject instanceof Rule rule
            ? rule.alerts()
            : subject instanceof Sequence sequence ? sequence.alerts() : ((Count) subject).alerts();
    add(0, alerts ? "alerts" : "does not alert by itself");
    for (Exemption exemption : set.exemptions()) {
      if (exemption.names(subject)) {
        add(
            0,
            "exception until "
                + exemption.expires()
                + ": "
                + exemption.title()
                + " ("
                + exemption.owner()
                + ")");
      }
    }
  }

  private void shown(int depth, List<ShownField> fields) {
    if (!fields.isEmpty()) {
      add(
          depth,
          "shows " + fields.stream().map(ShownField::name).collect(Collectors.joining(", ")));
    }
  }

  private static String text(Duration duration) {
    return duration.toString().substring(2).toLowerCase(Locale.ROOT).replace("t", " ");
  }
}
