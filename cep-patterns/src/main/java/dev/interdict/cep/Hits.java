package dev.interdict.cep;

import java.util.Arrays;

/** The rules that one event satisfied. Reused from event to event; not safe for two threads. */
public final class Hits {
  private long[] words = new long[4];
  private int[] rules = new int[16];
  private int size;

  public int size() {
    return size;
  }

  public boolean isEmpty() {
    return size == 0;
  }

  /** Index of the i-th rule that was hit, in no particular order. */
  public int rule(int i) {
    if (i >= size) {
      throw new IndexOutOfBoundsException("invalid hit=" + i + " size=" + size);
    }
    return rules[i];
  }

  public boolean contains(int rule) {
    int word = rule >>> 6;
    return word < words.length && (words[word] & (1L << rule)) != 0;
  }

  public void add(int rule) {
    if (contains(rule)) {
      return;
    }
    int word = rule >>> 6;
    if (word >= words.length) {
      words = Arrays.copyOf(words, Math.max(word + 1, words.length * 2));
    }
    words[word] |= 1L << rule;
    if (size == rules.length) {
      rules = Arrays.copyOf(rules, size * 2);
    }
    rules[size++] = rule;
  }

  public void clear() {
    for (int i = 0; i < size; i++) {
      words[rules[i] >>> 6] = 0;
    }
    size = 0;
  }

  public int[] toArray() {
    int[] sorted = Arrays.copyOf(rules, size);
    Arrays.sort(sorted);
    return sorted;
  }

  @Override
  public String toString() {
    return Arrays.toString(toArray());
  }
}
