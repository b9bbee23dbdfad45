package dev.interdict.cep.sigma;

import dev.interdict.cep.About;
import dev.interdict.cep.KindFields;
import dev.interdict.schema.Field;
import dev.interdict.schema.Kind;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a correlation or sequence can refer to: it is hit by single events. */
sealed interface Part permits CompiledRule, CompiledCorrelation {
  int hit();

  About about();

  /**
   * Adds where a Sigma field stands in the events that hit it.
   *
   * @throws RefusedException where that is not one field for each kind of event
   */
  void addFields(String name, Map<Kind, Field> fields);

  /**
   * @throws RefusedException as above, and where no event carries it
   */
  default KindFields fields(String name, String use) {
    Map<Kind, Field> fields = new TreeMap<>();
    addFields(name, fields);
    if (!fields.isEmpty()) {
      return KindFields.of(fields);
    }
    // A name of our own says the same in every logsource.
    Field own = Field.byName(name);
    if (own == null) {
      throw new RefusedException(
          use + " " + name + ": no event of the rule carries it: " + about().title());
    }
    return KindFields.of(own);
  }

  static void put(Kind kind, Field field, String name, About about, Map<Kind, Field> fields) {
    Field other = fields.putIfAbsent(kind, field);
    if (other != null && other != field) {
      throw new RefusedException("field " + name + ": ambiguous in: " + about.title());
    }
  }

  static List<String> titles(List<Part> parts) {
    return parts.stream().map(part -> part.about().title()).toList();
  }
}
