package dev.interdict.jobs.sequence;

/**
 * A node's own time, which only its events and ticks move, and what waits for it. Milliseconds.
 * Never goes back: flink-cep tells events apart by their time, and a time that was passed may be
 * given again.
 */
final class NodeClock {
  /** Deadlines are kept by slots of this length; a slot is due when it is over. */
  static final long SLOT_MILLIS = 250;

  private static final int WORDS = 4;

  private long now;
  private long firstSlot;
  private long lastSlot;
  private long openKeys;
  private boolean changed;

  NodeClock(long[] stored) {
    if (stored == null) {
      now = Long.MIN_VALUE;
      firstSlot = Long.MAX_VALUE;
      lastSlot = Long.MIN_VALUE;
      return;
    }
    if (stored.length != WORDS) {
      throw new IllegalStateException("invalid clock length=" + stored.length + " known=" + WORDS);
    }
    now = stored[0];
    firstSlot = stored[1];
    lastSlot = stored[2];
    openKeys = stored[3];
  }

  /** For the state, if anything changed since the last call; else null. */
  long[] store() {
    if (!changed) {
      return null;
    }
    changed = false;
    return new long[] {now, firstSlot, lastSlot, openKeys};
  }

  long now() {
    return now;
  }

  void advance(long millis) {
    if (millis > now) {
      now = millis;
      changed = true;
    }
  }

  static long slotOf(long deadline) {
    return Math.floorDiv(deadline, SLOT_MILLIS);
  }

  void expect(long slot) {
    firstSlot = Math.min(firstSlot, slot);
    lastSlot = Math.max(lastSlot, slot);
    changed = true;
  }

  /** Whether any partial match may be alive. */
  boolean waiting() {
    return firstSlot <= lastSlot;
  }

  boolean due() {
    return waiting() && firstSlot < slotOf(now);
  }

  /** The oldest slot that was not taken yet; it counts as done. */
  long takeSlot() {
    long slot = firstSlot++;
    if (firstSlot > lastSlot) {
      firstSlot = Long.MAX_VALUE;
      lastSlot = Long.MIN_VALUE;
    }
    changed = true;
    return slot;
  }

  /** Join keys with a partial match. */
  long openKeys() {
    return openKeys;
  }

  void opened() {
    openKeys++;
    changed = true;
  }

  void closed() {
    openKeys--;
    changed = true;
  }
}
