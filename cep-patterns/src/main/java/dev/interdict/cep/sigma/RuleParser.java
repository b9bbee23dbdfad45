package dev.interdict.cep.sigma;

import dev.interdict.cep.About;
import dev.interdict.cep.Rule;
import dev.interdict.cep.index.Expression;
import dev.interdict.schema.Kind;
import dev.interdict.schema.Kinds;
import dev.interdict.schema.Level;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Compiles one Sigma rule. */
final class RuleParser {
  private static final Set<String> NOT_SEARCHES = Set.of("condition", "timeframe");

  private RuleParser() {}

  static CompiledRule parse(
      Yaml document, About about, int index, Placeholders placeholders, Filters filters) {
    Yaml logsourceYaml = document.need("logsource");
    Detection detection = Detection.parse(document.need("detection"), placeholders, NOT_SEARCHES);
    if (document.textOf("status").equals("unsupported")) {
      throw new RefusedException("status unsupported");
    }
    String taxonomy = document.textOf("taxonomy");
    if (!taxonomy.isEmpty() && !taxonomy.equals("sigma")) {
      throw new RefusedException("taxonomy " + taxonomy + ": only Sigma's own is known");
    }
    LogSource logsource = LogSource.of(logsourceYaml);
    Map<Kind, List<Expression>> any = new EnumMap<>(Kind.class);
    Set<String> reasons = new TreeSet<>();
    Set<String> losses = new TreeSet<>();
    Set<String> uses = new TreeSet<>();
    for (RecordType type : logsource.types()) {
      Notes notes = new Notes();
      Expression filter = filters.over(about, logsourceYaml, type);
      Expression condition =
          Expression.and(List.of(type.guard(), detection.over(type, notes), filter));
      if (condition.equals(Expression.FALSE)) {
        reasons.addAll(notes.reasons());
      } else {
        losses.addAll(notes.absences());
        uses.addAll(notes.uses());
        any.computeIfAbsent(type.kind(), kind -> new ArrayList<>()).add(condition);
      }
    }
    if (any.isEmpty()) {
      throw new RefusedException("can never match here: " + String.join("; ", reasons));
    }
    Map<Kind, Expression> conditions = new EnumMap<>(Kind.class);
    any.forEach((kind, expressions) -> conditions.put(kind, Expression.or(expressions)));
    Rule rule =
        new Rule(
            index,
            about.withEvidence(ShownFields.of(document, about, logsource, conditions.keySet())),
            logsource.name(),
            Kinds.bits(conditions.keySet()),
            about.level() != Level.INFORMATIONAL,
            List.copyOf(losses),
            List.copyOf(uses));
    return new CompiledRule(rule, conditions, logsource);
  }
}
