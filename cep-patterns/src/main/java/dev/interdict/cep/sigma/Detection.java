package dev.interdict.cep.sigma;

import dev.interdict.cep.index.Expression;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The detection section: named searches and the condition that combines them. */
final class Detection {
  /** What a name under detection stands for. */
  sealed interface Search {}

  record All(List<Search> operands) implements Search {}

  record Any(List<Search> operands) implements Search {}

  record Comparison(Item item) implements Search {}

  private final Map<String, Search> searches = new LinkedHashMap<>();
  private final List<ConditionParser.Node> conditions = new ArrayList<>();

  /**
   * @param others keys of the section that are no searches
   */
  static Detection parse(Yaml yaml, Placeholders placeholders, Set<String> others) {
    Detection detection = new Detection();
    for (Map.Entry<String, Yaml> entry : yaml.entries().entrySet()) {
      if (!others.contains(entry.getKey())) {
        detection.searches.put(entry.getKey(), search(entry.getValue(), placeholders));
      }
    }
    if (detection.searches.isEmpty()) {
      throw yaml.problem("detection without a search");
    }
    for (Yaml condition : yaml.need("condition").items()) {
      detection.conditions.add(new ConditionParser(condition, detection.searches.keySet()).parse());
    }
    return detection;
  }

  /** Whether every condition is a negation: it says what remains, not what is chosen. */
  boolean negative() {
    return conditions.stream().allMatch(Detection::negative);
  }

  private static boolean negative(ConditionParser.Node node) {
    return node instanceof ConditionParser.Not
        || (node instanceof ConditionParser.And and
            && and.operands().stream().allMatch(Detection::negative));
  }

  private static Search search(Yaml yaml, Placeholders placeholders) {
    switch (yaml.type()) {
      case MAP:
        List<Search> all = new ArrayList<>();
        for (Map.Entry<String, Yaml> entry : yaml.entries().entrySet()) {
          String key = entry.getKey();
          all.add(new Comparison(Item.parse(key, yaml.at(key), entry.getValue(), placeholders)));
        }
        if (all.isEmpty()) {
          throw yaml.problem("empty search");
        }
        return new All(all);
      case LIST:
        List<Search> any = new ArrayList<>();
        for (Yaml item : yaml.items()) {
          any.add(search(item, placeholders));
        }
        if (any.isEmpty()) {
          throw yaml.problem("empty search");
        }
        return new Any(any);
      case NULL:
        throw yaml.problem("empty search");
      default:
        return new Comparison(Item.parse("", yaml.at(), yaml, placeholders));
    }
  }

  /** A search over our own fields, in events of any kind. */
  static Expression own(Yaml yaml) {
    if (yaml.scalar()) {
      throw yaml.problem("expected a search: a map of fields, or a list of such");
    }
    try {
      return new Detection().over(search(yaml, new Placeholders()), LogSource.ANY, new Notes());
    } catch (RefusedException e) {
      throw yaml.problem(e.getMessage());
    }
  }

  /** What the detection demands of one type of record. */
  Expression over(RecordType type, Notes notes) {
    List<Expression> any = new ArrayList<>();
    for (ConditionParser.Node condition : conditions) {
      any.add(over(condition, type, notes));
    }
    return Expression.or(any);
  }

  private Expression over(ConditionParser.Node node, RecordType type, Notes notes) {
    if (node instanceof ConditionParser.Name name) {
      return over(searches.get(name.name()), type, notes);
    } else if (node instanceof ConditionParser.Not not) {
      return Expression.not(over(not.operand(), type, notes));
    } else if (node instanceof ConditionParser.And and) {
      return Expression.and(
          and.operands().stream().map(operand -> over(operand, type, notes)).toList());
    }
    ConditionParser.Or or = (ConditionParser.Or) node;
    return Expression.or(
        or.operands().stream().map(operand -> over(operand, type, notes)).toList());
  }

  private Expression over(Search search, RecordType type, Notes notes) {
    if (search instanceof Comparison comparison) {
      return comparison.item().over(type, notes);
    } else if (search instanceof All all) {
      return Expression.and(
          all.operands().stream().map(operand -> over(operand, type, notes)).toList());
    }
    Any any = (Any) search;
    return Expression.or(
        any.operands().stream().map(operand -> over(operand, type, notes)).toList());
  }
}
