package dev.interdict.jobs.sequence;

/** Deadlines of one node by slots of time, and how much waits for them. */
final class Agenda {
  static final int WORDS = 3;

  /** Deadlines are kept by slots of this length, in milliseconds; a slot is due when it is over. */
  static final long SLOT_MILLIS = 250;

  private long firstSlot;
  private long lastSlot;
  private long load;
  private boolean changed;

  Agenda() {
    firstSlot = Long.MAX_VALUE;
    lastSlot = Long.MIN_VALUE;
  }

  Agenda(long[] stored, int offset) {
    firstSlot = stored[offset];
    lastSlot = stored[offset + 1];
    load = stored[offset + 2];
  }

  void store(long[] words, int offset) {
    words[offset] = firstSlot;
    words[offset + 1] = lastSlot;
    words[offset + 2] = load;
    changed = false;
  }

  boolean changed() {
    return changed;
  }

  static long slotOf(long deadline) {
    return Math.floorDiv(deadline, SLOT_MILLIS);
  }

  void expect(long slot) {
    firstSlot = Math.min(firstSlot, slot);
    lastSlot = Math.max(lastSlot, slot);
    changed = true;
  }

  /** Whether anything may have a deadline. */
  boolean waiting() {
    return firstSlot <= lastSlot;
  }

  long firstSlot() {
    return firstSlot;
  }

  long lastSlot() {
    return lastSlot;
  }

  boolean due(long now) {
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

  /** What its owner counts: keys or bytes. */
  long load() {
    return load;
  }

  void addLoad(long amount) {
    load += amount;
    changed = true;
  }
}
