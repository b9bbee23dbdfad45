package dev.interdict.cep.sigma;

import dev.interdict.cep.index.Expression;
import dev.interdict.cep.index.Range;
import dev.interdict.cep.index.Slot;
import dev.interdict.schema.Field;
import dev.interdict.schema.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** How one kind of event looks to the rules of a logsource: which events, and what fields. */
final class RecordType {
  private final Kind kind;
  private final Expression guard;
  private final Map<String, Source> fields;
  private final Function<String, Source> others;
  private final List<Source> texts;

  private RecordType(
      Kind kind,
      Expression guard,
      Map<String, Source> fields,
      Function<String, Source> others,
      List<Source> texts) {
    this.kind = kind;
    this.guard = guard;
    this.fields = fields;
    this.others = others;
    this.texts = texts;
  }

  Kind kind() {
    return kind;
  }

  /** What an event of the kind must satisfy to be such a record. */
  Expression guard() {
    return guard;
  }

  Source source(String field) {
    Source source = fields.get(field);
    return source != null ? source : others.apply(field);
  }

  /** What stands for the words of such a record: its fields that are text. */
  List<Source> texts() {
    return texts;
  }

  static Builder of(Kind kind) {
    return new Builder(kind);
  }

  static final class Builder {
    private final Kind kind;
    private final Map<String, Source> fields = new LinkedHashMap<>();
    private final List<Source> texts = new ArrayList<>();
    private Expression guard = Expression.TRUE;
    private Function<String, Source> others = field -> new Source.Absent("no event carries it");

    private Builder(Kind kind) {
      this.kind = kind;
    }

    Builder field(String name, Field field) {
      fields.put(name, new Source.InEvent(new Slot(field)));
      return field.type() == Field.Type.STRING ? text(field) : this;
    }

    /** Keywords are looked for in it. */
    Builder text(Field field) {
      texts.add(new Source.InEvent(new Slot(field)));
      return this;
    }

    Builder constant(String name, String value) {
      fields.put(name, new Source.Constant(value));
      return this;
    }

    Builder choice(String name, Field flag, String yes, String no) {
      fields.put(name, new Source.Choice(new Slot(flag), yes, no));
      return this;
    }

    Builder absent(String name, String why) {
      fields.put(name, new Source.Absent(why));
      return this;
    }

    Builder others(Function<String, Source> source) {
      others = source;
      return this;
    }

    /** Only what the kernel did, not what it refused. */
    Builder succeeded() {
      guard =
          Expression.and(
              List.of(
                  guard,
                  Expression.not(
                      Expression.match(new Slot(Field.RESULT), new Range(Long.MIN_VALUE, -1)))));
      return this;
    }

    Builder only(Field flag) {
      guard = Expression.and(List.of(guard, Expression.match(new Slot(flag), new Range(1, 1))));
      return this;
    }

    Builder unless(Field flag) {
      guard =
          Expression.and(
              List.of(guard, Expression.not(Expression.match(new Slot(flag), new Range(1, 1)))));
      return this;
    }

    RecordType build() {
      return new RecordType(kind, guard, Map.copyOf(fields), others, List.copyOf(texts));
    }
  }
}
