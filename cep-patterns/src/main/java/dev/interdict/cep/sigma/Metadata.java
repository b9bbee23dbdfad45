package dev.interdict.cep.sigma;

import dev.interdict.cep.About;
import dev.interdict.cep.Severity;
import dev.interdict.cep.index.Expression;
import dev.interdict.schema.Level;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;

/** Reads what rules, correlations and sequences say about themselves alike. */
final class Metadata {
  private static final int MAX_TITLE = 256;
  private static final Set<String> SEVERITY_KEYS = Set.of("level", "when", "reason");
  private static final Pattern RESPONSE = Pattern.compile("[a-z][a-z0-9_-]{0,63}");
  private static final Pattern TECHNIQUE = Pattern.compile("attack\\.t\\d{4}(\\.\\d{3})?");

  private Metadata() {}

  static About of(Yaml document) {
    String title = document.need("title").text().strip();
    if (title.isEmpty() || title.length() > MAX_TITLE) {
      throw document
          .get("title")
          .problem("invalid title length=" + title.length() + " limit=" + MAX_TITLE);
    }
    String id = document.textOf("id");
    if (id.isEmpty()) {
      id = UUID.nameUUIDFromBytes(title.getBytes(StandardCharsets.UTF_8)).toString();
    }
    List<String> tags =
        document.textsOf("tags").stream().map(tag -> tag.strip().toLowerCase(Locale.ROOT)).toList();
    return new About(
        id,
        document.textOf("name"),
        title,
        document.textOf("description"),
        String.join(", ", document.textsOf("author")).strip(),
        level(document),
        tags,
        techniques(tags),
        severities(document),
        response(document),
        List.of(),
        document.at());
  }

  private static Level level(Yaml document) {
    return document.textOf("level").isEmpty() ? Level.MEDIUM : levelOf(document.get("level"));
  }

  private static Level levelOf(Yaml yaml) {
    for (Level level : Level.values()) {
      if (level != Level.UNRECOGNIZED
          && level != Level.LEVEL_UNSPECIFIED
          && level.name().toLowerCase(Locale.ROOT).equals(yaml.text().strip())) {
        return level;
      }
    }
    throw yaml.problem(
        "unknown level " + yaml.text() + ": expected informational, low, medium, high or critical");
  }

  private static List<Severity> severities(Yaml document) {
    List<Severity> severities = new ArrayList<>();
    for (Yaml yaml :
        document.has("severity") ? document.get("severity").items() : List.<Yaml>of()) {
      yaml.known(SEVERITY_KEYS);
      Level level = levelOf(yaml.need("level"));
      Expression when = Detection.own(yaml.need("when"));
      severities.add(new Severity(level, when, yaml.textOf("reason")));
    }
    return severities;
  }

  private static String response(Yaml document) {
    String response = document.textOf("response");
    if (!response.isEmpty() && !RESPONSE.matcher(response).matches()) {
      throw document
          .get("response")
          .problem("invalid response " + response + ": expected a name such as isolate-container");
    }
    return response;
  }

  private static List<String> techniques(List<String> tags) {
    List<String> techniques = new ArrayList<>();
    for (String tag : tags) {
      if (TECHNIQUE.matcher(tag).matches()) {
        techniques.add(tag.substring("attack.".length()).toUpperCase(Locale.ROOT));
      }
    }
    return techniques;
  }
}
