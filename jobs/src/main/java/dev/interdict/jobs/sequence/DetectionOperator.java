package dev.interdict.jobs.sequence;

import dev.interdict.cep.Hits;
import dev.interdict.cep.Matcher;
import dev.interdict.cep.Rule;
import dev.interdict.cep.RuleSet;
import dev.interdict.jobs.Local;
import dev.interdict.jobs.alert.Alerts;
import dev.interdict.jobs.source.NodeEvent;
import dev.interdict.record.NodeId;
import dev.interdict.schema.Alert;
import dev.interdict.schema.EventView;
import dev.interdict.schema.MalformedEventException;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.metrics.Counter;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides rules and sequences as each event arrives. Keyed by node and chained to the source; it
 * waits for no watermark, since a node's events come in order.
 */
public final class DetectionOperator extends AbstractStreamOperator<Alert>
    implements OneInputStreamOperator<NodeEvent, Alert> {
  private static final long serialVersionUID = 1;
  private static final Logger LOG = LoggerFactory.getLogger(DetectionOperator.class);

  private final RuleSet rules;
  private final String progress;

  private transient Matcher matcher;
  private transient Hits hits;
  private transient EventView view;
  private transient long kinds;
  private transient boolean[] alerting;
  private transient KeyedStore store;
  private transient Sequences sequences;
  private transient Map<NodeId, NodeClock> clocks;
  private transient NodeId lastNode;
  private transient NodeClock lastClock;
  private transient StreamRecord<Alert> out;
  private transient Counter alerts;
  private transient Counter malformed;

  /**
   * @param progress key of a {@link Local} {@link SequenceProgress.Listener}, or null
   */
  public DetectionOperator(RuleSet rules, String progress) {
    this.rules = rules;
    this.progress = progress;
  }

  @Override
  public void initializeState(StateInitializationContext context) throws Exception {
    super.initializeState(context);
    store = new KeyedStore(getKeyedStateBackend());
  }

  @Override
  public void open() throws Exception {
    super.open();
    matcher = rules.newMatcher();
    hits = new Hits();
    view = new EventView();
    kinds = matcher.kinds();
    alerting = new boolean[rules.rules().size()];
    for (Rule rule : rules.rules()) {
      alerting[rule.index()] = rule.alerts();
    }
    SequenceProgress.Listener listener =
        progress == null ? null : Local.get(progress, SequenceProgress.Listener.class);
    sequences =
        new Sequences(
            new SequencePlan(rules),
            store,
            Sequences.Limits.DEFAULT,
            match -> emit(Alerts.of(match.sequence(), match.key(), match.steps(), match.events())),
            listener);
    clocks = new HashMap<>();
    out = new StreamRecord<>(null);
    alerts = getMetricGroup().counter("alerts");
    malformed = getMetricGroup().counter("malformedEvents");
    getMetricGroup().gauge("partialMatchesShed", sequences::shed);
  }

  @Override
  public void processElement(StreamRecord<NodeEvent> element) throws Exception {
    NodeEvent event = element.getValue();
    NodeClock clock = clock(event.node());
    clock.advance(event.timeMillis());
    if (clock.due()) {
      sequences.expire(clock);
    }
    if ((kinds >>> event.kind() & 1) == 0 || event.isProgress()) {
      return;
    }
    try {
      view.wrap(event.body(), 0, event.body().length);
      matcher.match(view, hits);
    } catch (MalformedEventException e) {
      // Failing here would replay the same bytes for ever.
      malformed.inc();
      LOG.warn("{} is not decided: {}", event, e.getMessage());
      return;
    }
    if (hits.isEmpty()) {
      return;
    }
    for (int i = 0; i < hits.size(); i++) {
      if (alerting[hits.rule(i)]) {
        emit(Alerts.of(rules.rules().get(hits.rule(i)), view, event));
      }
    }
    sequences.process(event, view, hits, clock);
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

  private void emit(Alert alert) {
    alerts.inc();
    output.collect(out.replace(alert, Math.floorDiv(alert.getTime(), 1_000_000L)));
  }

  @Override
  public void snapshotState(StateSnapshotContext context) throws Exception {
    super.snapshotState(context);
    for (Map.Entry<NodeId, NodeClock> clock : clocks.entrySet()) {
      long[] stored = clock.getValue().store();
      if (stored != null) {
        setCurrentKey(clock.getKey());
        store.clock().update(stored);
      }
    }
  }
}
