package dev.interdict.cep.sigma;

import dev.interdict.cep.About;
import dev.interdict.cep.Exemption;
import dev.interdict.cep.index.Expression;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** Reads {@code exception:}, which is documented in docs/rules.md. */
final class ExemptionParser {
  private static final Set<String> KEYS = Set.of("rules", "tags", "when");

  private ExemptionParser() {}

  static Exemption parse(Yaml document, About about) {
    Yaml yaml = document.get("exception");
    yaml.known(KEYS);
    Set<String> rules = Set.copyOf(yaml.textsOf("rules"));
    Set<String> tags =
        yaml.textsOf("tags").stream()
            .map(tag -> tag.toLowerCase(Locale.ROOT))
            .collect(Collectors.toSet());
    if (rules.isEmpty() && tags.isEmpty()) {
      throw yaml.problem("an exception needs rules or tags: what it is from");
    }
    return new Exemption(
        about.id(),
        about.title(),
        said(document, "owner"),
        said(document, "reason"),
        date(document.need("expires")),
        rules,
        tags,
        yaml.has("when") ? Detection.own(yaml.get("when")) : Expression.TRUE,
        about.location());
  }

  private static String said(Yaml document, String key) {
    String text = document.need(key).text().strip();
    if (text.isEmpty()) {
      throw document.get(key).problem("empty " + key);
    }
    return text;
  }

  private static LocalDate date(Yaml yaml) {
    try {
      return LocalDate.parse(yaml.text().strip());
    } catch (DateTimeParseException e) {
      throw yaml.problem("invalid date " + yaml.text() + ": expected such as 2027-03-31");
    }
  }
}
