package dev.interdict.cep.index;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Many literals looked for in one pass over the bytes, ignoring case. A transition is one look into
 * a dense table; its sign bit says that the state reached ends a literal.
 */
final class Automaton {
  /** Ends the walk of a trie: no literal goes on from here. */
  static final int DEAD = 0;

  static final int ROOT = 1;
  private static final int ENDS = 1 << 31;

  private final byte[] classOf;
  private final int classes;
  private final int[] next;
  private final int[][] outputs;

  private Automaton(byte[] classOf, int classes, int[] next, int[][] outputs) {
    this.classOf = classOf;
    this.classes = classes;
    this.next = next;
    this.outputs = outputs;
  }

  /** Collects literals, each with a number to report. */
  static final class Builder {
    private final Map<Integer, Integer> edges = new HashMap<>(); // state * 256 + byte
    private final List<List<Integer>> outputs = new ArrayList<>();

    Builder() {
      outputs.add(new ArrayList<>());
      outputs.add(new ArrayList<>());
    }

    boolean isEmpty() {
      return outputs.size() == 2 && outputs.get(ROOT).isEmpty();
    }

    void add(byte[] literal, boolean reversed, int output) {
      int state = ROOT;
      for (int i = 0; i < literal.length; i++) {
        int b = literal[reversed ? literal.length - 1 - i : i] & 0xff;
        Integer to = edges.get(state << 8 | b);
        if (to == null) {
          to = outputs.size();
          outputs.add(new ArrayList<>());
          edges.put(state << 8 | b, to);
        }
        state = to;
      }
      outputs.get(state).add(output);
    }

    /** Walks from the start of the text and ends where no literal goes on. */
    Automaton trie() {
      return build(false);
    }

    /** Finds literals anywhere (Aho-Corasick). */
    Automaton search() {
      return build(true);
    }

    private Automaton build(boolean anywhere) {
      byte[] classOf = new byte[256];
      int classes = 1;
      for (int edge : edges.keySet()) {
        int b = edge & 0xff;
        if (classOf[b] == 0) {
          classOf[b] = (byte) classes++;
        }
      }
      for (int b = 'A'; b <= 'Z'; b++) {
        classOf[b] = classOf[b + 32];
      }
      int states = outputs.size();
      int[] next = new int[Math.multiplyExact(states, classes)];
      for (Map.Entry<Integer, Integer> edge : edges.entrySet()) {
        int from = edge.getKey() >>> 8;
        next[from * classes + (classOf[edge.getKey() & 0xff] & 0xff)] = edge.getValue();
      }
      if (anywhere) {
        addFailures(next, classes);
      }
      int[][] out = new int[states][];
      for (int state = 0; state < states; state++) {
        out[state] = outputs.get(state).stream().mapToInt(Integer::intValue).toArray();
      }
      for (int i = 0; i < next.length; i++) {
        int to = next[i];
        next[i] = to * classes | (out[to].length > 0 ? ENDS : 0);
      }
      return new Automaton(classOf, classes, next, out);
    }

    private void addFailures(int[] next, int classes) {
      int[] failure = new int[outputs.size()];
      Arrays.fill(failure, ROOT);
      ArrayDeque<Integer> queue = new ArrayDeque<>();
      for (int c = 0; c < classes; c++) {
        int to = next[ROOT * classes + c];
        if (to == DEAD) {
          next[ROOT * classes + c] = ROOT;
        } else {
          queue.add(to);
        }
        next[DEAD * classes + c] = ROOT;
      }
      while (!queue.isEmpty()) {
        int state = queue.remove();
        outputs.get(state).addAll(outputs.get(failure[state]));
        for (int c = 0; c < classes; c++) {
          int to = next[state * classes + c];
          int instead = next[failure[state] * classes + c];
          if (to == DEAD) {
            next[state * classes + c] = instead;
          } else {
            failure[to] = instead;
            queue.add(to);
          }
        }
      }
    }
  }

  /** Reports every literal that the text contains. */
  void search(byte[] text, int offset, int length, Evaluation evaluation) {
    int at = ROOT * classes;
    for (int i = offset, end = offset + length; i < end; i++) {
      int to = next[at + (classOf[text[i] & 0xff] & 0xff)];
      at = to & ~ENDS;
      if (to < 0) {
        for (int output : outputs[at / classes]) {
          evaluation.touch(output);
        }
      }
    }
  }

  /** Reports every literal that the text starts with. */
  void prefixes(byte[] text, int offset, int length, Evaluation evaluation) {
    int at = ROOT * classes;
    for (int i = offset, end = offset + length; i < end; i++) {
      int to = next[at + (classOf[text[i] & 0xff] & 0xff)];
      at = to & ~ENDS;
      if (at == DEAD) {
        return;
      }
      if (to < 0) {
        for (int output : outputs[at / classes]) {
          evaluation.touch(output);
        }
      }
    }
  }

  /**
   * Reports every reversed literal that the text ends with. An output is doubled, plus one if only
   * the whole text counts.
   */
  void suffixes(byte[] text, int offset, int length, Evaluation evaluation) {
    int at = ROOT * classes;
    report(at, length == 0, evaluation);
    for (int i = offset + length - 1; i >= offset; i--) {
      int to = next[at + (classOf[text[i] & 0xff] & 0xff)];
      at = to & ~ENDS;
      if (at == DEAD) {
        return;
      }
      if (to < 0) {
        report(at, i == offset, evaluation);
      }
    }
  }

  private void report(int at, boolean whole, Evaluation evaluation) {
    for (int output : outputs[at / classes]) {
      if (whole || (output & 1) == 0) {
        evaluation.touch(output >>> 1);
      }
    }
  }

  int states() {
    return outputs.length;
  }
}
