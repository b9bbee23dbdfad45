package dev.interdict.record;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

final class Allocation {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private Allocation() {}

  /** Bytes that this thread allocates in one more round, after some to warm up. */
  static long of(Runnable round) {
    for (int i = 0; i < 20; i++) {
      round.run();
    }
    long before = THREADS.getCurrentThreadAllocatedBytes();
    round.run();
    return THREADS.getCurrentThreadAllocatedBytes() - before;
  }
}
