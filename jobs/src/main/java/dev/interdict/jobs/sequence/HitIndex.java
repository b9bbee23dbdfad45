package dev.interdict.jobs.sequence;

import dev.interdict.cep.Hits;
import java.util.Arrays;
import java.util.List;

/** Programs by the hits that their parts wait for. One thread. */
final class HitIndex {
  private static final int PART_BITS = 6;
  private static final int[] NONE = {};

  private final int[][] uses;

  // Of the event that is being looked at.
  private final long[] masks;
  private final int[] touched;
  private int touchedCount;

  /**
   * @param hits how many numbers there are
   * @param programs of each the numbers that each of its parts waits for
   */
  HitIndex(int hits, List<int[][]> programs) {
    uses = new int[hits][];
    Arrays.fill(uses, NONE);
    for (int program = 0; program < programs.size(); program++) {
      int[][] parts = programs.get(program);
      for (int part = 0; part < parts.length; part++) {
        for (int hit : parts[part]) {
          int[] grown = Arrays.copyOf(uses[hit], uses[hit].length + 1);
          grown[grown.length - 1] = program << PART_BITS | part;
          uses[hit] = grown;
        }
      }
    }
    masks = new long[programs.size()];
    touched = new int[programs.size()];
  }

  /** Whether anything waits for it. */
  boolean isUsed(int hit) {
    return uses[hit].length > 0;
  }

  /** Finds the programs that wait for one of the hits; the answer lasts until the next call. */
  int select(Hits hits) {
    touchedCount = 0;
    for (int i = 0; i < hits.size(); i++) {
      for (int use : uses[hits.rule(i)]) {
        int program = use >>> PART_BITS;
        if (masks[program] == 0) {
          touched[touchedCount++] = program;
        }
        masks[program] |= 1L << (use & (1 << PART_BITS) - 1);
      }
    }
    // In the order of the rule set, so that a replay finds the same match first.
    Arrays.sort(touched, 0, touchedCount);
    return touchedCount;
  }

  /** Number of the program. */
  int selected(int index) {
    return touched[index];
  }

  /** The parts that the event hits. The caller takes each mask once. */
  long takeMask(int index) {
    long mask = masks[touched[index]];
    masks[touched[index]] = 0;
    return mask;
  }
}
