package dev.interdict.storage;

import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Puts values in place of the names that a question has for them: {@code $since}. */
public final class QueryParameters {
  private QueryParameters() {}

  /**
   * Each value becomes a text literal, which the engine reads as the type that stands against it.
   */
  public static String bind(String sql, Map<String, String> values) throws QueryException {
    StringBuilder bound = new StringBuilder(sql.length() + 64);
    Set<String> unused = new TreeSet<>(values.keySet());
    int at = 0;
    while (at < sql.length()) {
      int skip = skip(sql, at);
      if (skip > at) {
        bound.append(sql, at, skip);
        at = skip;
        continue;
      }
      int end = nameEnd(sql, at);
      if (end == at) {
        bound.append(sql.charAt(at++));
        continue;
      }
      String name = sql.substring(at + 1, end);
      String value = values.get(name);
      if (value == null) {
        throw new QueryException(
            QueryException.Reason.QUESTION,
            "no value for parameter $" + name + ": give it with -p " + name + "=VALUE");
      }
      unused.remove(name);
      bound.append(Tables.literal(value));
      at = end;
    }
    if (!unused.isEmpty()) {
      throw new QueryException(
          QueryException.Reason.QUESTION,
          "the question has no parameter $" + unused.iterator().next());
    }
    return bound.toString();
  }

  /** Past a text, a quoted name or a comment that begins there; the same place if none does. */
  private static int skip(String sql, int at) {
    char c = sql.charAt(at);
    if (c == '\'' || c == '"') {
      boolean escapes = c == '\'' && at > 0 && (sql.charAt(at - 1) | 0x20) == 'e';
      for (int i = at + 1; i < sql.length(); i++) {
        if (escapes && sql.charAt(i) == '\\') {
          i++;
        } else if (sql.charAt(i) == c) {
          return i + 1;
        }
      }
      return sql.length();
    }
    if (sql.startsWith("--", at)) {
      return after(sql, "\n", at);
    }
    if (sql.startsWith("/*", at)) {
      return after(sql, "*/", at + 2);
    }
    if (c == '$') {
      int tag = nameEnd(sql, at);
      int open = Math.max(tag, at + 1);
      if (open < sql.length() && sql.charAt(open) == '$') {
        return after(sql, sql.substring(at, open + 1), open + 1);
      }
    }
    return at;
  }

  private static int after(String sql, String end, int from) {
    int found = sql.indexOf(end, from);
    return found < 0 ? sql.length() : found + end.length();
  }

  /** The end of a name that follows a dollar sign there; the same place if none does. */
  private static int nameEnd(String sql, int at) {
    if (sql.charAt(at) != '$'
        || at + 1 == sql.length()
        || !Character.isLetter(sql.charAt(at + 1))
        || at > 0 && Character.isJavaIdentifierPart(sql.charAt(at - 1))) {
      return at;
    }
    int end = at + 1;
    while (end < sql.length()
        && (Character.isLetterOrDigit(sql.charAt(end)) || sql.charAt(end) == '_')) {
      end++;
    }
    return end;
  }
}
