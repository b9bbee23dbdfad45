package dev.interdict.jobs.sequence;

import dev.interdict.cep.Hits;
import dev.interdict.cep.Rule;
import dev.interdict.cep.RuleSet;
import dev.interdict.jobs.alert.Alerts;
import dev.interdict.jobs.rules.RuleBundle;
import dev.interdict.jobs.source.NodeEvent;
import dev.interdict.record.NodeId;
import dev.interdict.schema.Alert;
import dev.interdict.schema.EventView;
import dev.interdict.schema.MalformedEventException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.flink.runtime.state.KeyedStateBackend;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides rules and sequences as each event arrives, over the state of a keyed backend. The live
 * job and whatever judges recorded events run this one; they differ in who feeds it.
 *
 * <p>One thread. The backend's current key is the event's node whenever {@link #process} is called.
 */
final class Detector {
  private static final Logger LOG = LoggerFactory.getLogger(Detector.class);

  private final KeyedStateBackend<NodeId> backend;
  private final boolean informational;
  private final Consumer<Alert> found;
  private final SequenceProgress.Listener progress;
  private final Hits hits = new Hits();
  private final EventView view = new EventView();
  private final KeyedStore store;
  private final Map<String, ActiveRules> sets = new HashMap<>();
  private final ActiveRules initial;
  private final Map<NodeId, Judged> nodes = new HashMap<>();
  private Judged last;
  private ActiveRules newest;
  private long malformed;
  private long partialsShed;
  private long windowsShed;
  private long suppressed;

  /** A node, its clock, and the rules that its events are under. */
  private static final class Judged {
    final NodeId node;
    final NodeClock clock;
    ActiveRules rules;

    Judged(NodeId node, NodeClock clock, ActiveRules rules) {
      this.node = node;
      this.clock = clock;
      this.rules = rules;
    }
  }

  /**
   * @param informational whether rules of that level are told of, unless they only serve others
   * @param progress null where nobody looks
   */
  Detector(
      RuleSet rules,
      boolean informational,
      KeyedStateBackend<NodeId> backend,
      KeyedStore store,
      SequenceProgress.Listener progress,
      Consumer<Alert> found) {
    this.backend = backend;
    this.store = store;
    this.informational = informational;
    this.found = found;
    this.progress = progress;
    initial = new ActiveRules(rules, informational, correlations(rules));
    sets.put(rules.hash(), initial);
    newest = initial;
  }

  private Correlations correlations(RuleSet rules) {
    return new Correlations(rules, store, progress, found);
  }

  void process(NodeEvent event) throws Exception {
    Judged judged = judged(event.node());
    if (event.isRules()) {
      change(judged, RuleBundle.packed(event.body()));
      return;
    }
    NodeClock clock = judged.clock;
    ActiveRules rules = judged.rules;
    clock.advance(event.timeMillis());
    if (clock.due()) {
      rules.correlations.expire(clock);
    }
    if ((rules.kinds >>> event.kind() & 1) == 0 || event.isProgress()) {
      return;
    }
    try {
      view.wrap(event.body(), 0, event.body().length);
      rules.matcher.match(view, hits);
    } catch (MalformedEventException e) {
      // Failing here would replay the same bytes for ever.
      malformed++;
      LOG.warn("{} is not decided: {}", event, e.getMessage());
      return;
    }
    if (hits.isEmpty()) {
      return;
    }
    for (int i = 0; i < hits.size(); i++) {
      if (rules.alerting[hits.rule(i)]) {
        Rule rule = rules.set.rules().get(hits.rule(i));
        rules.correlations.tell(rule, Alerts.of(rule, view, event), List.of(event));
      }
    }
    rules.correlations.process(event, view, hits, clock);
  }

  private Judged judged(NodeId node) throws Exception {
    if (last != null && last.node == node) {
      return last;
    }
    Judged judged = nodes.get(node);
    if (judged == null) {
      judged = new Judged(node, new NodeClock(store.clock().value()), initial);
      nodes.put(node, judged);
    }
    last = judged;
    return judged;
  }

  /** Partial matches of sequences that are as they were live on; those of others are let go. */
  private void change(Judged judged, RuleBundle bundle) throws Exception {
    ActiveRules rules = sets.get(bundle.hash());
    if (rules == null) {
      RuleSet set = bundle.open();
      rules = new ActiveRules(set, informational, correlations(set));
      sets.put(bundle.hash(), rules);
    }
    newest = rules;
    judged.rules = rules;
    if (!bundle.hash().equals(store.rules().value())) {
      rules.correlations.release(judged.clock);
      store.rules().update(bundle.hash());
      forget();
    }
  }

  /** Sets that no node is under any more. */
  private void forget() {
    Set<ActiveRules> used = new HashSet<>();
    used.add(initial);
    used.add(newest);
    nodes.values().forEach(judged -> used.add(judged.rules));
    for (Iterator<ActiveRules> each = sets.values().iterator(); each.hasNext(); ) {
      ActiveRules rules = each.next();
      if (!used.contains(rules)) {
        partialsShed += rules.correlations.partialMatchesShed();
        windowsShed += rules.correlations.windowsShed();
        suppressed += rules.correlations.suppressed();
        each.remove();
      }
    }
  }

  /** Hash of the set that was taken last. */
  String rules() {
    return newest.set.hash();
  }

  /** Join keys that have a partial match, of all nodes. */
  long openKeys() {
    long keys = 0;
    for (Judged judged : nodes.values()) {
      keys += judged.clock.partials().load();
    }
    return keys;
  }

  /** Events whose bytes could not be read. */
  long malformed() {
    return malformed;
  }

  /** Partial matches given up because of a limit. */
  long shed() {
    long sum = partialsShed;
    for (ActiveRules rules : sets.values()) {
      sum += rules.correlations.partialMatchesShed();
    }
    return sum;
  }

  /** Windows and values given up because of a limit. */
  long windowsShed() {
    long sum = windowsShed;
    for (ActiveRules rules : sets.values()) {
      sum += rules.correlations.windowsShed();
    }
    return sum;
  }

  /** Findings for which an exception holds; they are told of, with its mark. */
  long suppressed() {
    long sum = suppressed;
    for (ActiveRules rules : sets.values()) {
      sum += rules.correlations.suppressed();
    }
    return sum;
  }

  /** Puts into the state what is kept beside it. */
  void store() throws Exception {
    for (Judged judged : nodes.values()) {
      long[] stored = judged.clock.store();
      if (stored != null) {
        backend.setCurrentKey(judged.node);
        store.clock().update(stored);
      }
    }
  }
}
