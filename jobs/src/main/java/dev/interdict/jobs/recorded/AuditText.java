package dev.interdict.jobs.recorded;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;

/** The key=value part of an audit record. */
final class AuditText {
  private static final int MAX_FIELDS = 4096;

  private AuditText() {}

  /**
   * Quotes are taken off; what the kernel wrote in hexadecimal, because it did not trust it, is
   * text.
   */
  static Map<String, String> fields(String text) {
    Map<String, String> fields = new LinkedHashMap<>();
    int at = 0;
    while (at < text.length() && fields.size() < MAX_FIELDS) {
      int equals = text.indexOf('=', at);
      if (equals < 0) {
        break;
      }
      String name = text.substring(text.lastIndexOf(' ', equals) + 1, equals).strip();
      int end = end(text, name, equals + 1);
      fields.putIfAbsent(name, value(name, text.substring(equals + 1, end)));
      at = end + 1;
    }
    return fields;
  }

  private static int end(String text, String name, int start) {
    if (name.equals("cmdline")) {
      // AUOMS writes it as a shell would, spaces and quotes included; this is what follows.
      int next = text.indexOf(" redactors=", start);
      return next < 0 ? text.length() : next;
    }
    if (start < text.length() && text.charAt(start) == '"') {
      int close = text.indexOf('"', start + 1);
      return close < 0 ? text.length() : close + 1;
    }
    if (start < text.length() && text.charAt(start) == '[') {
      int close = text.indexOf(']', start + 1);
      return close < 0 ? text.length() : close + 1;
    }
    if (start < text.length() && text.charAt(start) == '\'') {
      int close = text.indexOf('\'', start + 1);
      return close < 0 ? text.length() : close + 1;
    }
    int space = text.indexOf(' ', start);
    int enriched = text.indexOf('\u001d', start);
    if (space < 0) {
      space = text.length();
    }
    return enriched >= 0 && enriched < space ? enriched : space;
  }

  private static String value(String name, String raw) {
    if (raw.length() >= 2
        && raw.charAt(0) == '"'
        && raw.endsWith("\"")
        && !name.equals("cmdline")) {
      return raw.substring(1, raw.length() - 1);
    }
    if (raw.equals("(null)") || raw.equals("(none)") || raw.equals("?")) {
      return "";
    }
    return untrusted(name) ? decoded(raw) : raw;
  }

  private static boolean untrusted(String name) {
    return switch (name) {
      case "exe", "comm", "name", "cwd", "proctitle", "data", "acct" -> true;
      default -> isArgument(name);
    };
  }

  static boolean isArgument(String name) {
    return name.length() >= 2 && name.charAt(0) == 'a' && Character.isDigit(name.charAt(1));
  }

  private static String decoded(String raw) {
    if (raw.isEmpty() || raw.length() % 2 != 0) {
      return raw;
    }
    for (int i = 0; i < raw.length(); i++) {
      char c = raw.charAt(i);
      if ((c < '0' || c > '9') && (c < 'A' || c > 'F')) {
        return raw;
      }
    }
    return new String(HexFormat.of().parseHex(raw), StandardCharsets.UTF_8).replace('\0', ' ');
  }
}
