package dev.interdict.jobs.recorded;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;

/** Values as other tools write them. */
final class JsonValues {
  private static final long NANOS = 1_000_000_000L;

  /** From here on a number cannot be seconds, and so on. */
  private static final long MILLIS_FROM = 100_000_000_000L;

  private static final long MICROS_FROM = 100_000_000_000_000L;
  private static final long NANOS_FROM = 100_000_000_000_000_000L;

  private JsonValues() {}

  /** The first of the fields that is there; empty where none is. */
  static String text(JsonNode record, String... names) {
    for (String name : names) {
      JsonNode value = record.get(name);
      if (value != null && value.isValueNode() && !value.isNull()) {
        return value.asText();
      }
    }
    return "";
  }

  static boolean has(JsonNode record, String... names) {
    for (String name : names) {
      if (record.hasNonNull(name)) {
        return true;
      }
    }
    return false;
  }

  /** 0 where it is absent. Also accepts "0x1f4" and numbers in quotes. */
  static long number(JsonNode record, String... names) {
    for (String name : names) {
      JsonNode value = record.get(name);
      if (value != null && !value.isNull() && !value.asText().isEmpty()) {
        if (value.isIntegralNumber()) {
          return value.longValue();
        }
        try {
          return Long.decode(value.asText());
        } catch (NumberFormatException e) {
          throw new IllegalArgumentException(
              "invalid " + name + "=" + value.asText() + ": expected a whole number", e);
        }
      }
    }
    return 0;
  }

  /**
   * Unix nanoseconds: of a number in seconds, milli-, micro- or nanoseconds, or of a date and time
   * (UTC unless it says otherwise). 0 where none of the fields is there.
   */
  static long time(JsonNode record, String... names) {
    for (String name : names) {
      JsonNode value = record.get(name);
      if (value != null && value.isNumber()) {
        return time(value.decimalValue());
      }
      if (value != null && value.isTextual() && !value.textValue().isEmpty()) {
        return time(name, value.textValue());
      }
    }
    return 0;
  }

  private static long time(BigDecimal value) {
    long magnitude = value.abs().longValue();
    int shift =
        magnitude < MILLIS_FROM ? 9 : magnitude < MICROS_FROM ? 6 : magnitude < NANOS_FROM ? 3 : 0;
    return value.movePointRight(shift).longValue();
  }

  private static long time(String name, String text) {
    try {
      return nanos(OffsetDateTime.parse(text).toInstant());
    } catch (DateTimeException e) {
      // Not with an offset.
    }
    try {
      return nanos(LocalDateTime.parse(text.replace(' ', 'T')).toInstant(ZoneOffset.UTC));
    } catch (DateTimeException e) {
      // Not a date either.
    }
    try {
      return time(new BigDecimal(text));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("invalid " + name + "=" + text + ": expected a time", e);
    }
  }

  private static long nanos(Instant instant) {
    return instant.getEpochSecond() * NANOS + instant.getNano();
  }

  static List<String> texts(JsonNode list) {
    List<String> texts = new ArrayList<>();
    list.forEach(item -> texts.add(item.asText()));
    return texts;
  }

  /** A command line as a shell would split it, without expanding anything. */
  static List<String> words(String commandLine) {
    List<String> words = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    boolean inWord = false;
    char quote = 0;
    for (int i = 0; i < commandLine.length(); i++) {
      char c = commandLine.charAt(i);
      if (quote != 0) {
        if (c == quote) {
          quote = 0;
        } else {
          word.append(c);
        }
      } else if (c == '"' || c == '\'') {
        quote = c;
        inWord = true;
      } else if (c == ' ') {
        if (inWord) {
          words.add(word.toString());
          word.setLength(0);
          inWord = false;
        }
      } else {
        word.append(c);
        inWord = true;
      }
    }
    if (inWord) {
      words.add(word.toString());
    }
    return words;
  }

  static String fileName(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  /** As the kernel cuts it. */
  static String comm(String path) {
    String name = fileName(path);
    return name.substring(0, Math.min(15, name.length()));
  }
}
