package dev.interdict.cep.sigma;

import dev.interdict.cep.About;
import dev.interdict.cep.Rule;
import dev.interdict.cep.index.Expression;
import dev.interdict.schema.Field;
import dev.interdict.schema.Kind;
import java.util.Map;

/**
 * A rule and what it demands of each kind of event that it can fire on.
 *
 * @param logsource where its Sigma fields are looked up
 */
public record CompiledRule(Rule rule, Map<Kind, Expression> conditions, LogSource logsource)
    implements Part {

  CompiledRule withAlerts(boolean alerts) {
    Rule changed =
        new Rule(
            rule.index(),
            rule.about(),
            rule.logsource(),
            rule.kinds(),
            alerts,
            rule.notes(),
            rule.fields());
    return new CompiledRule(changed, conditions, logsource);
  }

  @Override
  public int hit() {
    return rule.index();
  }

  @Override
  public About about() {
    return rule.about();
  }

  @Override
  public void addFields(String name, Map<Kind, Field> fields) {
    logsource.addFields(name, conditions.keySet(), about(), fields);
  }
}
