package dev.interdict.cep;

import dev.interdict.schema.Field;
import dev.interdict.schema.Kind;
import dev.interdict.schema.Kinds;
import java.io.Serializable;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/** Where one value stands, which may be another field for each kind of event. */
public final class KindFields implements Serializable {
  private static final long serialVersionUID = 1;

  private final Field[] byKind = new Field[Kinds.LIMIT];

  private KindFields() {}

  /** The same field whatever the kind. */
  public static KindFields of(Field field) {
    KindFields fields = new KindFields();
    Arrays.fill(fields.byKind, field);
    return fields;
  }

  public static KindFields of(Map<Kind, Field> byKind) {
    KindFields fields = new KindFields();
    byKind.forEach((kind, field) -> fields.byKind[kind.getNumber()] = field);
    return fields;
  }

  /** Null where events of the kind do not carry it. */
  public Field of(int kind) {
    return kind >= 0 && kind < byKind.length ? byKind[kind] : null;
  }

  /** By kind, without those that do not carry it. */
  public Map<Kind, Field> fields() {
    Map<Kind, Field> fields = new TreeMap<>();
    for (int kind = 0; kind < byKind.length; kind++) {
      if (byKind[kind] != null && Kind.forNumber(kind) != null) {
        fields.put(Kind.forNumber(kind), byKind[kind]);
      }
    }
    return fields;
  }

  public boolean isNumber() {
    return Arrays.stream(byKind)
        .allMatch(field -> field == null || field.type() == Field.Type.LONG);
  }

  boolean isList() {
    return Arrays.stream(byKind)
        .anyMatch(
            field ->
                field != null
                    && (field.type() == Field.Type.LONGS || field.type() == Field.Type.STRINGS));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof KindFields that && Arrays.equals(byKind, that.byKind);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(byKind);
  }

  /** The field, or {@code connect:connection.local_address|accept:connection.remote_address}. */
  @Override
  public String toString() {
    Field[] distinct =
        Arrays.stream(byKind).filter(field -> field != null).distinct().toArray(Field[]::new);
    if (distinct.length == 1) {
      return distinct[0].dotted();
    }
    StringBuilder text = new StringBuilder();
    fields()
        .forEach(
            (kind, field) ->
                text.append(text.length() == 0 ? "" : "|")
                    .append(Kinds.name(kind.getNumber()))
                    .append(':')
                    .append(field.dotted()));
    return text.toString();
  }
}
