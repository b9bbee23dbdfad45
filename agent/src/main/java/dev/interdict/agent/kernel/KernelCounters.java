package dev.interdict.agent.kernel;

import java.nio.ByteBuffer;

/** What the programs have counted, one row per CPU, read straight from their memory. */
final class KernelCounters {
  private final ByteBuffer shared;
  private final int rows;

  KernelCounters(ByteBuffer shared) {
    this.shared = shared;
    this.rows = Record.Counters.ROWS; // all: the JVM may be confined to fewer CPUs than there are
  }

  /** That are or were in a ring. */
  long submitted(int kind) {
    return sum(Record.Counters.SUBMITTED, kind);
  }

  long filtered(int kind) {
    return sum(Record.Counters.FILTERED, kind);
  }

  long lost(int kind) {
    return sum(Record.Counters.LOST, kind);
  }

  /** Counted in a slot of {@link Repeats}, where they are told from. */
  long repeated(int kind) {
    return sum(Record.Counters.REPEATED, kind);
  }

  /** Over what their cgroup may say in a second. */
  long capped(int kind) {
    return sum(Record.Counters.CAPPED, kind);
  }

  private long sum(int counter, int kind) {
    long sum = 0;
    int at = Record.Shared.COUNTERS + counter + 8 * kind;
    for (int row = 0; row < rows; row++) {
      sum += shared.getLong(at + row * Record.Counters.SIZE);
    }
    return sum;
  }
}
