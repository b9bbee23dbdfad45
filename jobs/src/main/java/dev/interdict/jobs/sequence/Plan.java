package dev.interdict.jobs.sequence;

import dev.interdict.cep.Hits;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * What a rule set has of one sort of correlation: by the id that names it and its version, and by
 * the hits that its parts wait for. One thread.
 */
abstract class Plan<T> {
  private static final int PART_BITS = 6;
  private static final int[] NONE = {};

  private final Map<String, T> byId;
  private final List<T> all;
  private final int[][] uses;

  // Of the event that is being looked at.
  private final long[] masks;
  private final int[] touched;
  private int touchedCount;

  /**
   * @param hits how many numbers there are
   * @param byId in the order of the rule set
   * @param partsOf the numbers that each part of one waits for
   */
  Plan(int hits, Map<String, T> byId, Function<T, int[][]> partsOf) {
    this.byId = byId;
    all = List.copyOf(byId.values());
    uses = new int[hits][];
    Arrays.fill(uses, NONE);
    for (int number = 0; number < all.size(); number++) {
      int[][] parts = partsOf.apply(all.get(number));
      for (int part = 0; part < parts.length; part++) {
        for (int hit : parts[part]) {
          int[] grown = Arrays.copyOf(uses[hit], uses[hit].length + 1);
          grown[grown.length - 1] = number << PART_BITS | part;
          uses[hit] = grown;
        }
      }
    }
    masks = new long[all.size()];
    touched = new int[all.size()];
  }

  /** Names a version: 8 hex digits. */
  static String digest(CharSequence text) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256")
              .digest(text.toString().getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, 4);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this JDK has no SHA-256", e);
    }
  }

  final boolean isEmpty() {
    return all.isEmpty();
  }

  /** Null where it is of an earlier rule set. */
  final T byId(String id) {
    return byId.get(id);
  }

  /** Whether anything waits for it. */
  final boolean isUsed(int hit) {
    return uses[hit].length > 0;
  }

  /** Finds those that wait for one of the hits; the answer lasts until the next call. */
  final int select(Hits hits) {
    touchedCount = 0;
    for (int i = 0; i < hits.size(); i++) {
      for (int use : uses[hits.rule(i)]) {
        int number = use >>> PART_BITS;
        if (masks[number] == 0) {
          touched[touchedCount++] = number;
        }
        masks[number] |= 1L << (use & (1 << PART_BITS) - 1);
      }
    }
    // In the order of the rule set, so that a replay finds the same match first.
    Arrays.sort(touched, 0, touchedCount);
    return touchedCount;
  }

  final T selected(int index) {
    return all.get(touched[index]);
  }

  /** The parts that the event hits. The caller takes each mask once. */
  final long takeMask(int index) {
    long mask = masks[touched[index]];
    masks[touched[index]] = 0;
    return mask;
  }
}
