package dev.interdict.agent.kernel;

import dev.interdict.schema.Kinds;
import java.util.ArrayDeque;
import java.util.Arrays;

/**
 * Events that other threads have made, until the sensor's thread takes them: it alone writes to the
 * sink. Bounded; what finds no room is refused and, if its maker gives it up, counted.
 */
public final class Inbox {
  /** More are never taken at once. */
  public static final int EVENTS = 4096;

  private static final int BYTES = 4 << 20;

  /**
   * @param rest the encoded event after its kind
   */
  record Entry(int kind, byte[] rest) {}

  private final ArrayDeque<Entry> waiting = new ArrayDeque<>();
  private final long[] lost = new long[Kinds.LIMIT];
  private final long[] leftOut = new long[Kinds.LIMIT];
  private int bytes;

  /**
   * All of them or none, from any thread.
   *
   * @param rests encoded events without their first two fields, time and kind
   */
  public synchronized boolean offer(int kind, byte[]... rests) {
    int more = Arrays.stream(rests).mapToInt(rest -> rest.length).sum();
    if (waiting.size() + rests.length > EVENTS || bytes + more > BYTES) {
      return false;
    }
    for (byte[] rest : rests) {
      waiting.add(new Entry(kind, rest));
    }
    bytes += more;
    return true;
  }

  /** The same for what cannot come again: it becomes a gap if there is no room. */
  void put(int kind, byte[] rest) {
    if (!offer(kind, rest)) {
      gaveUp(kind, 1);
    }
  }

  public synchronized void gaveUp(int kind, long count) {
    lost[kind] += count;
  }

  /** Seen, and of no interest. */
  public synchronized void leftOut(int kind, long count) {
    leftOut[kind] += count;
  }

  synchronized long leftOut(int kind) {
    return leftOut[kind];
  }

  /** Null where there is none. */
  synchronized Entry poll() {
    Entry entry = waiting.poll();
    if (entry != null) {
      bytes -= entry.rest.length;
    }
    return entry;
  }

  synchronized long lost(int kind) {
    return lost[kind];
  }
}
