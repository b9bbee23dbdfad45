package dev.interdict.response;

import java.time.Duration;
import java.util.Locale;

/** At most so many within the time before. */
record Budget(int count, Duration within) {
  static final int MAX_COUNT = 1000;
  static final Duration LONGEST = Duration.ofDays(1);

  String text() {
    return count + "/" + text(within);
  }

  static String text(Duration duration) {
    return duration.toString().substring(2).toLowerCase(Locale.ROOT);
  }
}
