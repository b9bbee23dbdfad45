package dev.interdict.agent.kernel;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Paths whose opening is reported even for reading. The kernel looks only at the names of the file
 * and of its folder, by one bit of a hash each; what passes is compared here as a whole. So a
 * pattern needs a literal name in one of those two places.
 */
final class Watchlist {
  private static final int BITS = 4096;

  private final byte[][] patterns;
  private final long[] leaves = new long[BITS / 64];
  private final long[] folders = new long[BITS / 64];

  /**
   * @param watched absolute paths in which {@code *} stands for any characters
   */
  Watchlist(List<String> watched) {
    patterns = new byte[watched.size()][];
    for (int i = 0; i < patterns.length; i++) {
      String pattern = watched.get(i);
      patterns[i] = pattern.getBytes(StandardCharsets.UTF_8);
      String[] names = pattern.split("/", -1);
      String leaf = names[names.length - 1];
      String folder = names.length > 1 ? names[names.length - 2] : "";
      if (!leaf.isEmpty() && leaf.indexOf('*') < 0) {
        set(leaves, leaf);
      } else if (!folder.isEmpty() && folder.indexOf('*') < 0) {
        set(folders, folder);
      } else {
        throw new IllegalArgumentException(
            "invalid watched path=" + pattern + ": its last or last but one name must have no *");
      }
    }
  }

  private static void set(long[] bits, String name) {
    int hash = hash(name.getBytes(StandardCharsets.UTF_8));
    bits[hash >>> 6] |= 1L << (hash & 63);
  }

  /** Of the length and the first eight bytes, as {@code watch.h} has it. */
  static int hash(byte[] name) {
    long first = 0;
    for (int i = 0; i < 8 && i < name.length; i++) {
      first |= (name[i] & 0xffL) << (8 * i);
    }
    return (int) (((first ^ ((long) name.length << 56)) * 0x9e3779b97f4a7c15L) >>> 52);
  }

  void store(ByteBuffer shared) {
    for (int i = 0; i < leaves.length; i++) {
      shared.putLong(Record.Shared.WATCHED_LEAVES + 8 * i, leaves[i]);
      shared.putLong(Record.Shared.WATCHED_FOLDERS + 8 * i, folders[i]);
    }
  }

  boolean matches(byte[] path, int offset, int length) {
    for (byte[] pattern : patterns) {
      if (endsAlike(pattern, path, offset, offset + length)
          && matches(pattern, path, offset, offset + length)) {
        return true;
      }
    }
    return false;
  }

  /** What follows the last star decides nearly every time. */
  private static boolean endsAlike(byte[] pattern, byte[] path, int from, int end) {
    int p = pattern.length - 1;
    int at = end - 1;
    while (p >= 0 && pattern[p] != '*') {
      if (at < from || pattern[p] != path[at]) {
        return false;
      }
      p--;
      at--;
    }
    return true;
  }

  /** Greedy with one step back: linear but for hostile patterns, which are ours. */
  private static boolean matches(byte[] pattern, byte[] path, int from, int end) {
    int p = 0;
    int at = from;
    int star = -1;
    int resume = from;
    while (at < end) {
      if (p < pattern.length && pattern[p] == '*') {
        star = p++;
        resume = at;
      } else if (p < pattern.length && pattern[p] == path[at]) {
        p++;
        at++;
      } else if (star >= 0) {
        p = star + 1;
        at = ++resume;
      } else {
        return false;
      }
    }
    while (p < pattern.length && pattern[p] == '*') {
      p++;
    }
    return p == pattern.length;
  }
}
