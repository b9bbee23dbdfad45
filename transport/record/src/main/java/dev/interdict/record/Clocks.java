package dev.interdict.record;

import java.time.Duration;
import java.time.Instant;

final class Clocks {
  private Clocks() {}

  static long unixNanos() {
    Instant now = Instant.now();
    return now.getEpochSecond() * 1_000_000_000L + now.getNano();
  }

  /** At most some 292 years. */
  static long millis(Duration duration) {
    return Math.min(duration.getSeconds(), Long.MAX_VALUE / 1_000_000_000L) * 1_000
        + duration.getNano() / 1_000_000;
  }
}
