package dev.interdict.jobs.sequence;

/**
 * A node's own time, which only its events and ticks move, and what waits for it. Milliseconds.
 * Never goes back: flink-cep tells events apart by their time, and a time that was passed may be
 * given again.
 */
final class NodeClock {
  private static final int WORDS = 1 + 2 * Agenda.WORDS;

  /** As it was stored before there were windows. */
  private static final int WORDS_WITHOUT_WINDOWS = 1 + Agenda.WORDS;

  private final Agenda partials;
  private final Agenda windows;
  private long now;
  private boolean changed;

  NodeClock(long[] stored) {
    if (stored == null) {
      now = Long.MIN_VALUE;
      partials = new Agenda();
      windows = new Agenda();
      return;
    }
    if (stored.length != WORDS && stored.length != WORDS_WITHOUT_WINDOWS) {
      throw new IllegalStateException("invalid clock length=" + stored.length + " known=" + WORDS);
    }
    now = stored[0];
    partials = new Agenda(stored, 1);
    windows = stored.length == WORDS ? new Agenda(stored, 1 + Agenda.WORDS) : new Agenda();
  }

  /** For the state, if anything changed since the last call; else null. */
  long[] store() {
    if (!changed && !partials.changed() && !windows.changed()) {
      return null;
    }
    changed = false;
    long[] words = new long[WORDS];
    words[0] = now;
    partials.store(words, 1);
    windows.store(words, 1 + Agenda.WORDS);
    return words;
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

  /** Of partial matches; its load is the number of join keys that have any. */
  Agenda partials() {
    return partials;
  }

  /** Of windows; its load is the number of bytes that they hold. */
  Agenda windows() {
    return windows;
  }

  boolean due() {
    return partials.due(now) || windows.due(now);
  }
}
