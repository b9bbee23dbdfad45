package dev.interdict.cep.sigma;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.interdict.cep.Location;
import dev.interdict.cep.index.Cidr;
import dev.interdict.cep.index.Expression;
import dev.interdict.cep.index.Glob;
import dev.interdict.cep.index.Regex;
import dev.interdict.cep.index.SameAs;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** One line of a search: a field, its modifiers, the values. */
final class Item {
  private static final Set<String> NUMERIC = Set.of("lt", "lte", "gt", "gte");
  private static final Set<String> DATES = Set.of("minute", "hour", "day", "week", "month", "year");

  private final String field;
  private final Location at;
  private final boolean all;
  private final boolean negated;
  private final List<Value> values = new ArrayList<>();

  private Item(String field, Location at, boolean all, boolean negated) {
    this.field = field;
    this.at = at;
    this.all = all;
    this.negated = negated;
  }

  static Item parse(String key, Location at, Yaml yaml, Placeholders placeholders) {
    String[] parts = key.split("\\|", -1);
    Set<String> modifiers = new LinkedHashSet<>();
    for (int i = 1; i < parts.length; i++) {
      String modifier = parts[i].equals("wide") ? "utf16le" : parts[i];
      if (DATES.contains(modifier)) {
        throw new RefusedException("modifier " + modifier + ": no field is a date");
      }
      if (!Text.MODIFIERS.contains(modifier)
          && !NUMERIC.contains(modifier)
          && !Set.of("all", "neq", "cased", "exists", "fieldref", "re", "i", "m", "s", "cidr")
              .contains(modifier)) {
        throw new RuleSyntaxException(at, "unknown modifier " + modifier);
      }
      if (!modifiers.add(modifier)) {
        throw new RuleSyntaxException(at, "modifier " + modifier + " is given twice");
      }
    }
    if (parts[0].isEmpty()) {
      keyword(modifiers, at);
    }
    Item item = new Item(parts[0], at, modifiers.remove("all"), modifiers.remove("neq"));
    if (yaml.type() == Yaml.Type.MAP) {
      throw yaml.problem("expected a value or a list of values");
    }
    if (yaml.items().isEmpty()) {
      throw yaml.problem("empty list of values");
    }
    for (Yaml value : yaml.items()) {
      item.values.add(item.value(value, modifiers, placeholders));
    }
    return item;
  }

  /** Without a field the words are looked for anywhere in the record's text. */
  private static void keyword(Set<String> modifiers, Location at) {
    for (String modifier : modifiers) {
      if (NUMERIC.contains(modifier)
          || Set.of("exists", "fieldref", "cidr", "startswith", "endswith").contains(modifier)) {
        throw new RuleSyntaxException(at, "modifier " + modifier + " needs a field");
      }
    }
    if (!modifiers.contains("re")) {
      modifiers.add("contains");
    }
  }

  private Value value(Yaml yaml, Set<String> modifiers, Placeholders placeholders) {
    if (modifiers.contains("exists")) {
      only(modifiers, Set.of("exists"));
      return new Value.Exists(yaml.flag());
    }
    if (modifiers.contains("re")) {
      only(modifiers, Set.of("re", "i", "m", "s", "cased"));
      return regex(yaml, modifiers);
    }
    if (modifiers.contains("cidr")) {
      only(modifiers, Set.of("cidr"));
      try {
        return new Value.Texts(List.of(Cidr.parse(yaml.text().strip())));
      } catch (IllegalArgumentException e) {
        throw yaml.problem(e.getMessage());
      }
    }
    if (modifiers.contains("fieldref")) {
      only(modifiers, Set.of("fieldref", "cased", "startswith", "endswith", "contains"));
      return new Value.Reference(yaml.text(), how(modifiers), modifiers.contains("cased"));
    }
    for (String operator : NUMERIC) {
      if (modifiers.contains(operator)) {
        only(modifiers, Set.of(operator));
        return new Value.Numbers(WholeNumbers.range(operator, yaml));
      }
    }
    for (String flag : List.of("i", "m", "s")) {
      if (modifiers.contains(flag)) {
        throw new RuleSyntaxException(at, "modifier " + flag + " needs re before it");
      }
    }
    boolean cased = modifiers.contains("cased");
    List<Text> texts = Text.transform(yaml, modifiers, placeholders);
    return new Value.Texts(texts.stream().map(text -> new Glob(text.tokens(), cased)).toList());
  }

  private void only(Set<String> modifiers, Set<String> allowed) {
    for (String modifier : modifiers) {
      if (!allowed.contains(modifier)) {
        throw new RuleSyntaxException(
            at, "modifier " + modifier + " cannot be combined with the others of this field");
      }
    }
  }

  private static SameAs.How how(Set<String> modifiers) {
    if (modifiers.contains("contains")) {
      return SameAs.How.CONTAINS;
    } else if (modifiers.contains("startswith")) {
      return SameAs.How.STARTS;
    }
    return modifiers.contains("endswith") ? SameAs.How.ENDS : SameAs.How.EQUALS;
  }

  private static Value regex(Yaml yaml, Set<String> modifiers) {
    int flags = modifiers.contains("i") ? Pattern.CASE_INSENSITIVE : 0;
    flags |= modifiers.contains("m") ? Pattern.MULTILINE : 0;
    flags |= modifiers.contains("s") ? Pattern.DOTALL : 0;
    String expression = yaml.text();
    for (String ahead : List.of("(?=", "(?!", "(?<=", "(?<!")) {
      if (expression.contains(ahead)) {
        throw new RefusedException(
            "regular expression with look-around " + ahead + ": not in Sigma's flavour");
      }
    }
    try {
      return new Value.Texts(List.of(new Regex(expression, flags)));
    } catch (PatternSyntaxException e) {
      throw yaml.problem("invalid regular expression: " + e.getMessage());
    }
  }

  Expression over(RecordType type, Notes notes) {
    return field.isEmpty() ? anywhere(type) : atField(type, notes);
  }

  private Expression anywhere(RecordType type) {
    if (type.texts().isEmpty()) {
      throw new RefusedException("keyword rule: needs log text");
    }
    List<Expression> each = new ArrayList<>();
    for (Value value : values) {
      each.add(Expression.or(type.texts().stream().map(value::over).toList()));
    }
    Expression linked = all ? Expression.and(each) : Expression.or(each);
    return negated ? Expression.not(linked) : linked;
  }

  private Expression atField(RecordType type, Notes notes) {
    Source source = source(field, type, notes);
    List<Expression> each = new ArrayList<>();
    for (Value value : values) {
      Value resolved = value;
      if (value instanceof Value.Reference reference) {
        resolved = reference.to(source(reference.field(), type, notes));
      }
      try {
        each.add(resolved.over(source));
      } catch (IllegalArgumentException e) {
        throw new RuleSyntaxException(at, field + ": " + e.getMessage());
      }
    }
    Expression linked = all ? Expression.and(each) : Expression.or(each);
    if (source instanceof Source.Constant constant && linked.equals(Expression.FALSE)) {
      notes.differs(field, constant.value());
    }
    return negated ? Expression.not(linked) : linked;
  }

  private Source source(String name, RecordType type, Notes notes) {
    Source source = type.source(name);
    if (source == null) {
      throw new RuleSyntaxException(at, "unknown field " + name);
    }
    notes.uses(name, source);
    if (source instanceof Source.Absent absent) {
      notes.absent(name, absent.why());
    }
    return source;
  }
}
