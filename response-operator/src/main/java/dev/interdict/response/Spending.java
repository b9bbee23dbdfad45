package dev.interdict.response;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * What budgets are reckoned from: when something was done to a workload, in a namespace, on a node
 * and at all, and which workloads a rule has hit. Bounded; the ledger's lock.
 */
final class Spending {
  static final String CLUSTER = "cluster";
  private static final int MAX_KEYS = 20_000;
  private static final int MAX_RULES = 10_000;

  private final Map<String, ArrayDeque<Long>> times = new LinkedHashMap<>(16, 0.75f, true);
  private final Map<String, LinkedHashMap<String, Long>> hits =
      new LinkedHashMap<>(16, 0.75f, true);

  static String node(String id) {
    return "node " + id;
  }

  static String namespace(String name) {
    return "namespace " + name;
  }

  static String workload(String key) {
    return "workload " + key;
  }

  void spend(ContainmentRecord record) {
    long time = record.times().decided();
    add(CLUSTER, time);
    add(node(record.node()), time);
    String namespace = record.alert().getEntity().getContainer().getNamespace();
    if (!namespace.isEmpty()) {
      add(namespace(namespace), time);
    }
    add(workload(record.workload()), time);
  }

  /** How many since then, without it. */
  int since(String key, long time) {
    ArrayDeque<Long> all = times.get(key);
    if (all == null) {
      return 0;
    }
    int count = 0;
    Iterator<Long> newest = all.descendingIterator();
    while (newest.hasNext() && newest.next() > time) {
      count++;
    }
    return count;
  }

  void hit(String rule, String workload, long time) {
    LinkedHashMap<String, Long> workloads =
        hits.computeIfAbsent(rule, each -> new LinkedHashMap<>());
    workloads.remove(workload);
    workloads.put(workload, time);
    dropFirst(workloads, Budget.MAX_COUNT);
    dropFirst(hits, MAX_RULES);
  }

  /** The workloads that a rule has hit since then, and this one. */
  int workloadsHit(String rule, String andThis, long since) {
    Set<String> distinct = new LinkedHashSet<>();
    distinct.add(andThis);
    hits.getOrDefault(rule, new LinkedHashMap<>())
        .forEach(
            (workload, time) -> {
              if (time > since) {
                distinct.add(workload);
              }
            });
    return distinct.size();
  }

  void forgetHits(String rule) {
    hits.remove(rule);
  }

  private void add(String key, long time) {
    ArrayDeque<Long> all = times.computeIfAbsent(key, each -> new ArrayDeque<>());
    all.addLast(time);
    long oldest = time - Budget.LONGEST.toNanos();
    while (all.size() > Budget.MAX_COUNT || all.peekFirst() <= oldest) {
      all.removeFirst();
    }
    dropFirst(times, MAX_KEYS);
  }

  private static void dropFirst(Map<?, ?> map, int limit) {
    if (map.size() > limit) {
      Iterator<?> eldest = map.keySet().iterator();
      eldest.next();
      eldest.remove();
    }
  }
}
