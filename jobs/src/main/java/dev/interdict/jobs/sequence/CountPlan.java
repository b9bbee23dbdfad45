package dev.interdict.jobs.sequence;

import dev.interdict.cep.Count;
import dev.interdict.cep.RuleSet;
import java.util.LinkedHashMap;
import java.util.Map;

/** All counts of a rule set, found by the hits that they measure. */
final class CountPlan extends Plan<CountPlan.Counter> {
  /**
   * @param id names count and version: state is found by it
   */
  record Counter(String id, Count count) {
    long length() {
      return count.within().toMillis();
    }
  }

  CountPlan(RuleSet rules) {
    super(rules.hits(), counters(rules), CountPlan::parts);
  }

  private static Map<String, Counter> counters(RuleSet rules) {
    Map<String, Counter> byId = new LinkedHashMap<>();
    for (Count count : rules.counts()) {
      String id = count.id() + "#" + version(count, rules);
      byId.put(id, new Counter(id, count));
    }
    return byId;
  }

  private static int[][] parts(Counter counter) {
    return counter.count().parts().stream()
        .map(part -> new int[] {part.hit()})
        .toArray(int[][]::new);
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
    return digest(text);
  }
}
