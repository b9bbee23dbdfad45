package dev.interdict.cep.sigma;

import dev.interdict.cep.Rule;
import dev.interdict.cep.index.Expression;
import dev.interdict.schema.Field;
import dev.interdict.schema.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A rule and what it demands of each kind of event that it can fire on.
 *
 * @param logsource where its Sigma fields are looked up
 */
public record CompiledRule(Rule rule, Map<Kind, Expression> conditions, LogSource logsource) {

  CompiledRule withAlerts(boolean alerts) {
    Rule old = rule;
    Rule changed =
        new Rule(
            old.index(),
            old.id(),
            old.name(),
            old.title(),
            old.description(),
            old.author(),
            old.level(),
            old.techniques(),
            old.logsource(),
            old.kinds(),
            alerts,
            old.location(),
            old.notes());
    return new CompiledRule(changed, conditions, logsource);
  }

  /**
   * Where a Sigma field stands in the events that the rule fires on.
   *
   * @throws RefusedException where that is not one field
   */
  Field field(String name) {
    List<Field> fields = new ArrayList<>();
    for (RecordType type : logsource.types()) {
      if (conditions.containsKey(type.kind())
          && type.source(name) instanceof Source.InEvent in
          && !fields.contains(in.slot().field())) {
        fields.add(in.slot().field());
      }
    }
    if (fields.size() != 1) {
      throw new RefusedException(
          "group-by "
              + name
              + (fields.isEmpty() ? ": no event of the rule carries it: " : ": ambiguous in: ")
              + rule.title());
    }
    return fields.get(0);
  }
}
