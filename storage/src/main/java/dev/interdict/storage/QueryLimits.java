package dev.interdict.storage;

import java.time.Duration;

/** What one question may take. */
public record QueryLimits(Duration timeout, long memoryBytes, int threads) {
  private static final long MIN_MEMORY = 64L << 20;

  public QueryLimits {
    if (timeout.isNegative() || timeout.isZero()) {
      throw new IllegalArgumentException("invalid timeout=" + timeout + ", must be above zero");
    }
    if (memoryBytes < MIN_MEMORY) {
      throw new IllegalArgumentException(
          "invalid memory=" + memoryBytes + " bytes, must be at least " + MIN_MEMORY);
    }
    if (threads < 1) {
      throw new IllegalArgumentException("invalid threads=" + threads + ", must be at least 1");
    }
  }

  public static QueryLimits defaults() {
    return new QueryLimits(
        Duration.ofSeconds(30), 1L << 30, Runtime.getRuntime().availableProcessors());
  }
}
