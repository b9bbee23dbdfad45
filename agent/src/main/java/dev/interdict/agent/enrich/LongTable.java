package dev.interdict.agent.enrich;

/** From a non-zero long to a small number that is not negative. Open addressing, never shrinks. */
final class LongTable {
  static final int ABSENT = -1;

  private long[] keys;
  private int[] values;
  private int size;

  LongTable(int expected) {
    int capacity = Integer.highestOneBit(Math.max(16, 2 * expected - 1)) << 1;
    keys = new long[capacity];
    values = new int[capacity];
  }

  int get(long key) {
    int mask = keys.length - 1;
    for (int at = spread(key) & mask; keys[at] != 0; at = (at + 1) & mask) {
      if (keys[at] == key) {
        return values[at];
      }
    }
    return ABSENT;
  }

  void put(long key, int value) {
    if ((size + 1) * 2 > keys.length) {
      grow();
    }
    int mask = keys.length - 1;
    int at = spread(key) & mask;
    while (keys[at] != 0 && keys[at] != key) {
      at = (at + 1) & mask;
    }
    if (keys[at] == 0) {
      size++;
    }
    keys[at] = key;
    values[at] = value;
  }

  /** Closes the hole by moving later entries of the same run up, so that no tombstones remain. */
  void remove(long key) {
    int mask = keys.length - 1;
    int hole = spread(key) & mask;
    while (keys[hole] != key) {
      if (keys[hole] == 0) {
        return;
      }
      hole = (hole + 1) & mask;
    }
    size--;
    for (int at = (hole + 1) & mask; keys[at] != 0; at = (at + 1) & mask) {
      int home = spread(keys[at]) & mask;
      if (((at - home) & mask) >= ((at - hole) & mask)) {
        keys[hole] = keys[at];
        values[hole] = values[at];
        hole = at;
      }
    }
    keys[hole] = 0;
  }

  int size() {
    return size;
  }

  private void grow() {
    long[] oldKeys = keys;
    int[] oldValues = values;
    keys = new long[oldKeys.length * 2];
    values = new int[oldKeys.length * 2];
    size = 0;
    for (int i = 0; i < oldKeys.length; i++) {
      if (oldKeys[i] != 0) {
        put(oldKeys[i], oldValues[i]);
      }
    }
  }

  private static int spread(long key) {
    long mixed = key * 0x9e3779b97f4a7c15L;
    return (int) (mixed >>> 32);
  }
}
