package dev.interdict.cep.index;

import dev.interdict.schema.EventView;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** All single values that are looked for in one number slot. */
final class NumberScan {
  private final Slot slot;
  private final long[] values; // ascending
  private final int[][] predicates;

  NumberScan(Slot slot, Map<Long, List<Integer>> byValue) {
    this.slot = slot;
    values = new long[byValue.size()];
    predicates = new int[byValue.size()][];
    int i = 0;
    for (Map.Entry<Long, List<Integer>> entry : new TreeMap<>(byValue).entrySet()) {
      values[i] = entry.getKey();
      predicates[i++] = entry.getValue().stream().mapToInt(Integer::intValue).toArray();
    }
  }

  void run(EventView event, Evaluation evaluation) {
    if (event.has(slot.field())) {
      int at = java.util.Arrays.binarySearch(values, event.number(slot.field()));
      if (at >= 0) {
        for (int predicate : predicates[at]) {
          evaluation.touch(predicate);
        }
      }
    }
  }
}
