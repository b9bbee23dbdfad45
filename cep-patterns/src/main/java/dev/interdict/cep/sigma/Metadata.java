package dev.interdict.cep.sigma;

import dev.interdict.cep.About;
import dev.interdict.schema.Level;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.regex.Pattern;

/** Reads what rules, correlations and sequences say about themselves alike. */
final class Metadata {
  private static final int MAX_TITLE = 256;
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
        document.at());
  }

  private static Level level(Yaml document) {
    String text = document.textOf("level");
    if (text.isEmpty()) {
      return Level.MEDIUM;
    }
    for (Level level : Level.values()) {
      if (level != Level.UNRECOGNIZED
          && level != Level.LEVEL_UNSPECIFIED
          && level.name().toLowerCase(Locale.ROOT).equals(text)) {
        return level;
      }
    }
    throw document
        .get("level")
        .problem(
            "unknown level " + text + ": expected informational, low, medium, high or critical");
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
