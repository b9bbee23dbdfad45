package dev.interdict.bus.client;

import java.util.concurrent.TimeUnit;

/** When the recorder's head was where: how long ago something became readable. Any thread. */
final class HeadClock {
  private static final int SAMPLES = 512;
  private static final long INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private final long[] nanos = new long[SAMPLES];
  private final long[] sequences = new long[SAMPLES];
  private int count;

  /** The head as of now; a head seen within the same interval is forgotten for it. */
  synchronized void sample(long sequence, long now) {
    int last = (count - 1) & SAMPLES - 1;
    int before = (count - 2) & SAMPLES - 1;
    if (count > 1 && now - nanos[before] < INTERVAL_NANOS) {
      sequences[last] = sequence;
      nanos[last] = now;
      return;
    }
    int at = count & SAMPLES - 1;
    nanos[at] = now;
    sequences[at] = sequence;
    count++;
  }

  /** How long at least the sequence has been readable; what is older than the samples is as old. */
  synchronized long nanosSince(long sequence, long now) {
    int oldest = Math.max(0, count - SAMPLES);
    long since = now;
    for (int i = count - 1; i >= oldest && sequences[i & SAMPLES - 1] >= sequence; i--) {
      since = nanos[i & SAMPLES - 1];
    }
    return now - since;
  }
}
