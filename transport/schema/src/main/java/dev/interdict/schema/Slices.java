package dev.interdict.schema;

import java.util.Arrays;

/** A list of (start, length) that is filled again and again. */
final class Slices {
  private int[] starts = new int[16];
  private int[] lengths = new int[16];
  private int count;

  void clear() {
    count = 0;
  }

  void add(int start, int length) {
    if (count == starts.length) {
      starts = Arrays.copyOf(starts, 2 * count);
      lengths = Arrays.copyOf(lengths, 2 * count);
    }
    starts[count] = start;
    lengths[count] = length;
    count++;
  }

  int count() {
    return count;
  }

  int start(int index) {
    return starts[checked(index)];
  }

  int length(int index) {
    return lengths[checked(index)];
  }

  private int checked(int index) {
    if (index < 0 || index >= count) {
      throw new IndexOutOfBoundsException("invalid index=" + index + " count=" + count);
    }
    return index;
  }
}
