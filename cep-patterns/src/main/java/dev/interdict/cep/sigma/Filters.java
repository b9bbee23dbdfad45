package dev.interdict.cep.sigma;

import dev.interdict.cep.About;
import dev.interdict.cep.Problem;
import dev.interdict.cep.index.Expression;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Sigma filters: what is left out of rules that they name.
 *
 * <p>The specification's example selects what is left out ({@code condition: selection}); the
 * field's tools add the condition to the rule's, and so write {@code condition: not selection}.
 * Both are understood: a condition that is a negation says what remains.
 */
final class Filters {
  private static final Set<String> NOT_SEARCHES = Set.of("condition", "rules");
  private static final Set<String> SOURCE_KEYS = Set.of("product", "category", "service");

  private record Filter(
      About about, Set<String> rules, Yaml source, Detection detection, Set<String> used) {
    boolean appliesTo(About rule, Yaml logsource) {
      if (!rules.contains("any") && !rules.contains(rule.id()) && !rules.contains(rule.name())) {
        return false;
      }
      for (String key : SOURCE_KEYS) {
        String wanted = source.textOf(key);
        if (!wanted.isEmpty() && !wanted.equals(logsource.textOf(key))) {
          return false;
        }
      }
      return true;
    }
  }

  private final List<Filter> filters = new ArrayList<>();

  void add(Yaml document, About about, Placeholders placeholders) {
    Yaml yaml = document.get("filter");
    Set<String> rules = Set.copyOf(yaml.need("rules").items().stream().map(Yaml::text).toList());
    Yaml source = document.need("logsource");
    Detection detection = Detection.parse(yaml, placeholders, NOT_SEARCHES);
    filters.add(new Filter(about, rules, source, detection, new HashSet<>()));
  }

  /** What the filters of a rule demand in addition of one type of its records. */
  Expression over(About rule, Yaml logsource, RecordType type) {
    List<Expression> all = new ArrayList<>();
    for (Filter filter : filters) {
      if (filter.appliesTo(rule, logsource)) {
        filter.used.add(rule.id());
        filter.used.add(rule.name());
        all.add(over(filter, type));
      }
    }
    return Expression.and(all);
  }

  private static Expression over(Filter filter, RecordType type) {
    try {
      Expression chosen = filter.detection.over(type, new Notes());
      return filter.detection.negative() ? chosen : Expression.not(chosen);
    } catch (RefusedException e) {
      throw new RuleSyntaxException(filter.about.location(), e.getMessage());
    }
  }

  /** Of each filter the names that stand for no rule it could be added to. */
  List<Problem> unused() {
    List<Problem> unused = new ArrayList<>();
    for (Filter filter : filters) {
      for (String name : filter.rules) {
        if (name.equals("any") ? filter.used.isEmpty() : !filter.used.contains(name)) {
          unused.add(
              new Problem(
                  filter.about.location(),
                  "the filter changes no rule: none of its logsource is called " + name));
        }
      }
    }
    return unused;
  }
}
