package dev.interdict.jobs.sequence;

import dev.interdict.cep.RuleSet;
import dev.interdict.jobs.Local;
import dev.interdict.jobs.source.NodeEvent;
import dev.interdict.record.NodeId;
import dev.interdict.schema.Alert;
import org.apache.flink.metrics.Counter;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/**
 * The {@link Detector} as a task runs it. Keyed by node and chained to the source; it waits for no
 * watermark, since a node's events come in order.
 */
public final class DetectionOperator extends AbstractStreamOperator<Alert>
    implements OneInputStreamOperator<NodeEvent, Alert> {
  private static final long serialVersionUID = 1;

  private final RuleSet rules;
  private final String progress;

  private transient KeyedStore store;
  private transient Detector detector;
  private transient StreamRecord<Alert> out;
  private transient Counter alerts;

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
    SequenceProgress.Listener listener =
        progress == null ? null : Local.get(progress, SequenceProgress.Listener.class);
    detector =
        new Detector(
            rules, false, this.<NodeId>getKeyedStateBackend(), store, listener, this::emit);
    out = new StreamRecord<>(null);
    alerts = getMetricGroup().counter("alerts");
    getMetricGroup().gauge("rulesActive", detector::rules);
    getMetricGroup().gauge("malformedEvents", detector::malformed);
    getMetricGroup().gauge("partialMatchesShed", detector::shed);
    getMetricGroup().gauge("windowsShed", detector::windowsShed);
    getMetricGroup().gauge("alertsSuppressed", detector::suppressed);
  }

  @Override
  public void processElement(StreamRecord<NodeEvent> element) throws Exception {
    detector.process(element.getValue());
  }

  private void emit(Alert alert) {
    alerts.inc();
    output.collect(out.replace(alert, Math.floorDiv(alert.getTime(), 1_000_000L)));
  }

  long suppressed() {
    return detector.suppressed();
  }

  long windowsShed() {
    return detector.windowsShed();
  }

  @Override
  public void snapshotState(StateSnapshotContext context) throws Exception {
    super.snapshotState(context);
    detector.store();
  }
}
