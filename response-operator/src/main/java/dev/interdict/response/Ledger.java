package dev.interdict.response;

import dev.interdict.response.Policy.Actions;
import dev.interdict.schema.Alert;
import dev.interdict.schema.Entity;
import dev.interdict.schema.StandingOrders;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the log says, in memory and bounded. Open containments always stay; of the others, the
 * oldest go first. Any thread; changed by one.
 */
final class Ledger {
  static final int MAX_ALERT_IDS = 100_000;
  static final int MAX_RECORDS = 4096;
  static final long MAX_ALERT_BYTES = 32 << 20;
  private static final long SETTLING_NANOS = 1_000_000_000;

  private record Target(String node, long cgroupId, String cgroup) {
    /** A cgroup's id is never used twice within a boot, its path is. */
    static Target of(Alert alert) {
      Entity entity = alert.getEntity();
      return new Target(
          entity.getNode(),
          entity.getCgroupId(),
          entity.getCgroupId() == 0 ? entity.getCgroup() : "");
    }
  }

  private final Set<String> alertIds = new LinkedHashSet<>();
  private final Map<String, ContainmentRecord> records = new LinkedHashMap<>();
  private final Map<Target, Set<String>> activeByTarget = new HashMap<>();
  private final Spending spending = new Spending();
  private Standing standing = Standing.NONE;
  private long alertBytes;

  synchronized boolean knows(String alertId) {
    return alertIds.contains(alertId);
  }

  /** Null if there is none, or it is so old that it was dropped. */
  synchronized ContainmentRecord get(String id) {
    return records.get(id);
  }

  synchronized List<ContainmentRecord> records() {
    return List.copyOf(records.values());
  }

  synchronized void put(ContainmentRecord record) {
    ContainmentRecord before = records.put(record.id(), record);
    if (before == null) {
      alertBytes += record.alert().getSerializedSize();
      if (alertIds.add(record.alertId()) && alertIds.size() > MAX_ALERT_IDS) {
        removeFirst(alertIds.iterator());
      }
      if (!record.policy().isEmpty()) {
        spending.hit(record.rule(), record.workload(), record.times().decided());
      }
      trim();
    }
    if (record.state().acted() && (before == null || !before.state().acted())) {
      spending.spend(record);
    }
    if (record.state().active()) {
      activeByTarget
          .computeIfAbsent(Target.of(record.alert()), target -> new LinkedHashSet<>())
          .add(record.id());
    } else if (before != null && before.state().active()) {
      inactive(record);
    }
  }

  /**
   * An active containment of the same entity that does all of this already; null if none. Frozen
   * processes do nothing: what was seen after a freeze shows that it is no longer in force, undone
   * on the node itself for one.
   */
  synchronized ContainmentRecord covering(Alert alert, Actions actions) {
    for (String id : activeByTarget.getOrDefault(Target.of(alert), Set.of())) {
      ContainmentRecord record = records.get(id);
      if (record.times().releaseAsked() == 0
          && !(record.freeze() && isAfter(alert, record))
          && (record.cut() || !actions.cut())
          && (record.freeze() || !actions.freeze())) {
        return record;
      }
    }
    return null;
  }

  synchronized int spentSince(String key, long time) {
    return spending.since(key, time);
  }

  synchronized int workloadsHit(String rule, String andThis, long since) {
    return spending.workloadsHit(rule, andThis, since);
  }

  synchronized Standing standing() {
    return standing;
  }

  /** A rule that is armed again starts anew. */
  synchronized void put(Standing orders) {
    for (StandingOrders.Disarmed each : standing.orders().getDisarmedList()) {
      if (orders.whyDisarmed(each.getRule()) == null) {
        spending.forgetHits(each.getRule());
      }
    }
    standing = orders;
  }

  boolean isDisarmed(String rule) {
    return standing().whyDisarmed(rule) != null;
  }

  synchronized List<ContainmentRecord> open() {
    List<ContainmentRecord> open = new ArrayList<>();
    for (ContainmentRecord record : records.values()) {
      if (record.isOpen()) {
        open.add(record);
      }
    }
    return open;
  }

  private static boolean isAfter(Alert alert, ContainmentRecord record) {
    return record.state() == ContainmentState.IN_FORCE
        && alert.getTime() > record.times().verified() + SETTLING_NANOS;
  }

  private void inactive(ContainmentRecord record) {
    Target target = Target.of(record.alert());
    Set<String> ids = activeByTarget.get(target);
    ids.remove(record.id());
    if (ids.isEmpty()) {
      activeByTarget.remove(target);
    }
  }

  private void trim() {
    if (records.size() <= MAX_RECORDS && alertBytes <= MAX_ALERT_BYTES) {
      return;
    }
    Iterator<ContainmentRecord> oldest = records.values().iterator();
    while (oldest.hasNext() && (records.size() > MAX_RECORDS || alertBytes > MAX_ALERT_BYTES)) {
      ContainmentRecord record = oldest.next();
      if (!record.isOpen()) {
        oldest.remove();
        alertBytes -= record.alert().getSerializedSize();
      }
    }
  }

  private static void removeFirst(Iterator<?> iterator) {
    iterator.next();
    iterator.remove();
  }
}
