package dev.interdict.storage;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The views and table functions that ship, each defined when a question first names it: the engine
 * binds all columns below a view to define it, which for all of them takes longer than most
 * answers.
 */
final class Views {
  private static final List<String> RESOURCES = List.of("views.sql", "macros.sql", "ocsf.sql");
  private static final Pattern DEFINITION =
      Pattern.compile("CREATE OR REPLACE (?:VIEW|MACRO) (\\w+)");
  private static final Pattern WORD = Pattern.compile("\\w+");

  /** A question with one of these asks which views there are. */
  private static final Pattern LISTING =
      Pattern.compile("\\b(show|information_schema|pg_catalog|duckdb_\\w+)\\b");

  private final Map<String, String> definitions = new LinkedHashMap<>();
  private final Set<String> defined = new HashSet<>();

  Views() throws IOException {
    for (String resource : RESOURCES) {
      for (String sql : Resources.text(resource).split(";\n")) {
        Matcher definition = DEFINITION.matcher(sql);
        if (definition.find()) {
          definitions.put(definition.group(1), sql);
        }
      }
    }
  }

  /** Those that the question needs and that are not there yet, each after what it reads itself. */
  List<String> missing(String question) {
    String lower = question.toLowerCase(Locale.ROOT);
    Set<String> wanted =
        LISTING.matcher(lower).find() ? new HashSet<>(definitions.keySet()) : words(lower);
    List<String> missing = new ArrayList<>();
    for (String name : definitions.keySet()) {
      if (wanted.contains(name)) {
        add(name, missing);
      }
    }
    return missing;
  }

  private void add(String name, List<String> missing) {
    if (defined.contains(name) || missing.contains(name)) {
      return;
    }
    for (String word : words(definitions.get(name))) {
      if (!word.equals(name) && definitions.containsKey(word)) {
        add(word, missing);
      }
    }
    missing.add(name);
  }

  private static Set<String> words(String sql) {
    return WORD.matcher(sql).results().map(MatchResult::group).collect(Collectors.toSet());
  }

  void define(Connection connection, List<String> names) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (String name : names) {
        statement.execute(definitions.get(name));
        defined.add(name);
      }
    }
  }
}
