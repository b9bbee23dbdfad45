package dev.interdict.record;

import java.time.Duration;
import java.time.Instant;

final class Clocks {
  private Clocks() {}

  static long unixNanos() {
    Instant now = Instant.now();
    return now.getEpochSecond() * 1_000_000_000L + now.getNano();
  }

  /** About 292 years for anything longer. */
  static long nanos(Duration duration) {
    return duration.getSeconds() > Long.MAX_VALUE / 1_000_000_000L - 1
        ? Long.MAX_VALUE
        : duration.toNanos();
  }
}
