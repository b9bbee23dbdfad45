package dev.interdict.bus.backplane;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Bytes per second, with a burst. What is sent is charged afterwards, so that a frame larger than
 * the burst passes, too, and is waited for. Any thread; times are of System.nanoTime.
 */
final class TokenBucket {
  private static final long BURST_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final double nanosPerByte;
  // When all that was charged is paid for.
  private final AtomicLong paid;

  /** 0: no limit. */
  TokenBucket(long bytesPerSecond, long now) {
    if (bytesPerSecond < 0) {
      throw new IllegalArgumentException("invalid bytesPerSecond=" + bytesPerSecond);
    }
    nanosPerByte = bytesPerSecond == 0 ? 0 : 1e9 / bytesPerSecond;
    paid = new AtomicLong(now);
  }

  boolean isUnlimited() {
    return nanosPerByte == 0;
  }

  /** How long nothing may be sent; 0: go on. */
  long nanosToWait(long now) {
    return nanosPerByte == 0 ? 0 : Math.max(0, paid.get() - now - BURST_NANOS);
  }

  void charge(long bytes, long now) {
    if (nanosPerByte == 0) {
      return;
    }
    long cost = Math.round(bytes * nanosPerByte);
    long before;
    long after;
    do {
      before = paid.get();
      after = (before - now > 0 ? before : now) + cost;
    } while (!paid.compareAndSet(before, after));
  }
}
