package dev.interdict.jobs.sequence;

import dev.interdict.cep.Count;
import dev.interdict.cep.Hits;
import dev.interdict.cep.Matcher;
import dev.interdict.cep.Rule;
import dev.interdict.cep.RuleSet;
import dev.interdict.cep.Sequence;
import dev.interdict.jobs.alert.Alerts;
import dev.interdict.jobs.source.NodeEvent;
import dev.interdict.record.NodeId;
import dev.interdict.schema.Alert;
import dev.interdict.schema.EventView;
import dev.interdict.schema.Level;
import dev.interdict.schema.MalformedEventException;
import java.util.HashMap;
import java.util.Map;
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
  private final Consumer<Alert> found;
  private final RuleSet rules;
  private final Matcher matcher;
  private final Hits hits = new Hits();
  private final EventView view = new EventView();
  private final long kinds;
  private final boolean[] alerting;
  private final KeyedStore store;
  private final Correlations correlations;
  private final Map<NodeId, NodeClock> clocks = new HashMap<>();
  private NodeId lastNode;
  private NodeClock lastClock;
  private long malformed;

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
    this.rules = rules;
    this.backend = backend;
    this.store = store;
    this.found = found;
    matcher = rules.newMatcher();
    kinds = matcher.kinds();
    alerting = alerting(rules, informational);
    correlations = new Correlations(rules, store, progress, found);
  }

  private static boolean[] alerting(RuleSet rules, boolean informational) {
    boolean[] alerting = new boolean[rules.rules().size()];
    for (Rule rule : rules.rules()) {
      alerting[rule.index()] =
          rule.alerts() || (informational && rule.level() == Level.INFORMATIONAL);
    }
    for (Sequence sequence : rules.sequences()) {
      sequence.steps().forEach(step -> onlyIfAsked(step.rules(), rules, alerting));
    }
    for (Count count : rules.counts()) {
      int[] parts = count.parts().stream().mapToInt(Count.Part::hit).toArray();
      onlyIfAsked(parts, rules, alerting);
    }
    return alerting;
  }

  /** Of what serves others, informational or not. */
  private static void onlyIfAsked(int[] hits, RuleSet rules, boolean[] alerting) {
    for (int hit : hits) {
      if (hit < alerting.length) {
        alerting[hit] = rules.rules().get(hit).alerts();
      }
    }
  }

  void process(NodeEvent event) throws Exception {
    NodeClock clock = clock(event.node());
    clock.advance(event.timeMillis());
    if (clock.due()) {
      correlations.expire(clock);
    }
    if ((kinds >>> event.kind() & 1) == 0 || event.isProgress()) {
      return;
    }
    try {
      view.wrap(event.body(), 0, event.body().length);
      matcher.match(view, hits);
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
      if (alerting[hits.rule(i)]) {
        found.accept(Alerts.of(rules.rules().get(hits.rule(i)), view, event));
      }
    }
    correlations.process(event, view, hits, clock);
  }

  private NodeClock clock(NodeId node) throws Exception {
    if (node != lastNode) {
      NodeClock clock = clocks.get(node);
      if (clock == null) {
        clock = new NodeClock(store.clock().value());
        clocks.put(node, clock);
      }
      lastNode = node;
      lastClock = clock;
    }
    return lastClock;
  }

  /** Events whose bytes could not be read. */
  long malformed() {
    return malformed;
  }

  /** Partial matches given up because of a limit. */
  long shed() {
    return correlations.partialMatchesShed();
  }

  /** Windows and values given up because of a limit. */
  long windowsShed() {
    return correlations.windowsShed();
  }

  /** Puts into the state what is kept beside it. */
  void store() throws Exception {
    for (Map.Entry<NodeId, NodeClock> clock : clocks.entrySet()) {
      long[] stored = clock.getValue().store();
      if (stored != null) {
        backend.setCurrentKey(clock.getKey());
        store.clock().update(stored);
      }
    }
  }
}
