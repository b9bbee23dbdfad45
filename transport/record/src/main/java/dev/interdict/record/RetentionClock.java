package dev.interdict.record;

/**
 * The time by which ages are counted. It follows a step back at once, which makes everything
 * younger, and a step ahead only twice as fast as time passes, so that no step of the system's
 * clock makes a recorder throw away what it was to keep. One thread.
 */
final class RetentionClock {
  private static final long NANOS_PER_MILLI = 1_000_000;

  private long millis;
  private long nanos;

  RetentionClock(long wallMillis, long nanoTime) {
    millis = wallMillis;
    nanos = nanoTime;
  }

  long millis(long wallMillis, long nanoTime) {
    long passed = (nanoTime - nanos) / NANOS_PER_MILLI;
    nanos += passed * NANOS_PER_MILLI;
    millis = Math.min(wallMillis, millis + 2 * passed);
    return millis;
  }
}
