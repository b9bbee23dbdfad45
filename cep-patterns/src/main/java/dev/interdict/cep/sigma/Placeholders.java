package dev.interdict.cep.sigma;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Values for %names% of the expand modifier, from {@code placeholders:} documents of the set. */
final class Placeholders {
  private final Map<String, List<String>> values = new LinkedHashMap<>();

  void add(Yaml document) {
    for (Map.Entry<String, Yaml> entry : document.get("placeholders").entries().entrySet()) {
      List<String> texts = entry.getValue().items().stream().map(Yaml::text).toList();
      if (values.put(entry.getKey(), texts) != null) {
        throw new RuleSyntaxException(
            document.get("placeholders").at(entry.getKey()),
            "placeholder " + entry.getKey() + " is defined twice");
      }
    }
  }

  List<String> of(String name) {
    List<String> found = values.get(name);
    if (found == null) {
      throw new RefusedException("placeholder %" + name + "% has no value here");
    }
    return found;
  }
}
