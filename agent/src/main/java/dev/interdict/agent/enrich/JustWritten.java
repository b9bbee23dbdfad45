package dev.interdict.agent.enrich;

/** Which process last opened a file for writing, for what was opened in the last ten minutes. */
public final class JustWritten {
  private static final long WINDOW = 600_000_000_000L;

  private final LongTable index;
  private final long[] keys;
  private final long[] writers;
  private final long[] times;
  private int next;

  /**
   * @param limit files remembered at most; the longest ago are forgotten first
   */
  public JustWritten(int limit) {
    index = new LongTable(limit);
    keys = new long[limit];
    writers = new long[limit];
    times = new long[limit];
  }

  /** By which a file is known again. */
  public static long key(int device, long inode) {
    long key = inode * 0x9e3779b97f4a7c15L ^ Long.rotateLeft(device * 0xc2b2ae3d27d4eb4fL, 31);
    return key == 0 ? 1 : key;
  }

  public void written(long key, long writer, long time) {
    if (keys[next] != 0 && index.get(keys[next]) == next) {
      index.remove(keys[next]);
    }
    keys[next] = key;
    writers[next] = writer;
    times[next] = time;
    index.put(key, next);
    next = next + 1 == keys.length ? 0 : next + 1;
  }

  /** The writer's id; 0 if it was not written within the window before {@code time}. */
  public long writer(long key, long time) {
    int at = index.get(key);
    return at == LongTable.ABSENT || time - times[at] > WINDOW ? 0 : writers[at];
  }
}
