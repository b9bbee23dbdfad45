package dev.interdict.cep.sigma;

import dev.interdict.cep.About;
import dev.interdict.cep.KindFields;
import dev.interdict.cep.ShownField;
import dev.interdict.schema.Field;
import dev.interdict.schema.Kind;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Which fields an author wants to be shown. */
final class ShownFields {
  private ShownFields() {}

  /**
   * Of a rule: Sigma's {@code fields} as far as events carry them, and {@code evidence}, our own.
   */
  static List<ShownField> of(Yaml document, About about, LogSource logsource, Set<Kind> kinds) {
    Set<ShownField> shown = new LinkedHashSet<>();
    for (String name : document.textsOf("fields")) {
      Map<Kind, Field> fields = new TreeMap<>();
      try {
        logsource.addFields(name, kinds, about, fields);
      } catch (RefusedException e) {
        continue; // two fields of one kind: neither is surely meant
      }
      if (!fields.isEmpty()) {
        shown.add(new ShownField(name, KindFields.of(fields)));
      }
    }
    if (document.has("evidence")) {
      shown.addAll(own(document.get("evidence")));
    }
    return List.copyOf(shown);
  }

  static List<ShownField> own(Yaml yaml) {
    List<ShownField> shown = new ArrayList<>();
    for (Yaml item : yaml.items()) {
      Field field = Field.byName(item.text());
      if (field == null) {
        throw item.problem("unknown field " + item.text());
      }
      shown.add(new ShownField(item.text(), KindFields.of(field)));
    }
    return shown;
  }

  /** What any of the parts shows. */
  static List<ShownField> of(List<Part> parts) {
    Set<ShownField> shown = new LinkedHashSet<>();
    parts.forEach(part -> shown.addAll(part.about().evidence()));
    return List.copyOf(shown);
  }
}
