package dev.interdict.jobs.sequence;

import dev.interdict.cep.Count;
import dev.interdict.cep.Hits;
import dev.interdict.cep.RuleSet;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** All counts of a rule set, found by the hits that they measure. */
final class CountPlan {
  /**
   * @param id names count and version: state is found by it
   */
  record Counter(String id, Count count) {
    long length() {
      return count.within().toMillis();
    }
  }

  private final List<Counter> counters = new ArrayList<>();
  private final Map<String, Counter> byId = new LinkedHashMap<>();
  private final HitIndex index;

  CountPlan(RuleSet rules) {
    for (Count count : rules.counts()) {
      Counter counter = new Counter(count.id() + "#" + version(count, rules), count);
      counters.add(counter);
      byId.put(counter.id(), counter);
    }
    index =
        new HitIndex(
            rules.hits(),
            counters.stream()
                .map(
                    counter ->
                        counter.count().parts().stream()
                            .map(part -> new int[] {part.hit()})
                            .toArray(int[][]::new))
                .toList());
  }

  /** Windows outlive a change of the rule set unless this part of a count changed. */
  private static String version(Count count, RuleSet rules) {
    StringBuilder text = new StringBuilder();
    text.append(count.within()).append('\t').append(count.measure());
    text.append('\t').append(count.percentile()).append('\t').append(count.threshold());
    for (Count.Part part : count.parts()) {
      text.append('\n').append(rules.byHit(part.hit()).id()).append('\t').append(part.key());
      text.append('\t').append(part.value()).append('\t').append(part.number());
    }
    return SequencePlan.digest(text);
  }

  boolean isEmpty() {
    return counters.isEmpty();
  }

  /** Null for a count of an earlier rule set. */
  Counter byId(String id) {
    return byId.get(id);
  }

  boolean isUsed(int hit) {
    return index.isUsed(hit);
  }

  /** Finds the counts that measure one of the hits; the answer lasts until the next call. */
  int select(Hits hits) {
    return index.select(hits);
  }

  Counter selected(int selected) {
    return counters.get(index.selected(selected));
  }

  /** The parts that the event hits. The caller takes each mask once. */
  long takeMask(int selected) {
    return index.takeMask(selected);
  }
}
