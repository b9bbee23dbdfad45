package dev.interdict.jobs.alert;

import dev.interdict.record.NodeId;
import dev.interdict.schema.Alert;
import dev.interdict.schema.Incident;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.typeutils.base.StringSerializer;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Makes alerts of findings: folds the repeated ones, and says of which incident each is a part.
 * Keyed by node. A first finding leaves at once; what is added to it leaves at the latest after
 * {@link #DEFAULT_DELAY}, under the same id.
 *
 * <p>Memory is bounded: beyond so many folds or incidents of one node the oldest end early, and are
 * counted. Nothing is lost by that: what waited is sent, and the next finding is an alert again.
 */
public final class AlertStage extends KeyedProcessFunction<NodeId, Alert, Alert> {
  private static final long serialVersionUID = 1;

  public static final Duration DEFAULT_DELAY = Duration.ofSeconds(5);
  static final int DEFAULT_LIMIT = 1024;

  private static final long WINDOW_MILLIS = Folding.WINDOW_NANOS / 1_000_000L;

  private static final MapStateDescriptor<String, Alert> FOLDS =
      new MapStateDescriptor<>("folds", StringSerializer.INSTANCE, AlertSerializer.INSTANCE);
  private static final MapStateDescriptor<String, Incident> INCIDENTS =
      new MapStateDescriptor<>("incidents", StringSerializer.INSTANCE, IncidentSerializer.INSTANCE);

  private final long delayMillis;
  private final int limit;
  private transient MapState<String, Alert> folds;
  private transient MapState<String, Incident> incidents;

  /** How many entries each node has; counted again after a restore. */
  private transient Map<NodeId, int[]> sizes;

  private transient Counter folded;
  private transient Counter foldsShed;
  private transient Counter incidentsShed;

  public AlertStage() {
    this(DEFAULT_DELAY, DEFAULT_LIMIT);
  }

  /**
   * @param limit of folds, and of incidents, for each node
   */
  AlertStage(Duration delay, int limit) {
    this.delayMillis = delay.toMillis();
    this.limit = limit;
  }

  @Override
  public void open(OpenContext context) {
    folds = getRuntimeContext().getMapState(FOLDS);
    incidents = getRuntimeContext().getMapState(INCIDENTS);
    sizes = new HashMap<>();
    folded = getRuntimeContext().getMetricGroup().counter("findingsFolded");
    foldsShed = getRuntimeContext().getMetricGroup().counter("foldsShed");
    incidentsShed = getRuntimeContext().getMetricGroup().counter("incidentsShed");
  }

  @Override
  public void processElement(Alert finding, Context context, Collector<Alert> out)
      throws Exception {
    boolean counts = finding.getSuppressedBy().isEmpty();
    // What an exception holds for is part of no incident.
    Incident incident =
        counts ? incident(finding, context.getCurrentKey()) : Incident.getDefaultInstance();
    String key = Folding.keyOf(finding);
    Alert fold = folds.get(key);
    if (fold != null && Folding.takes(fold, finding)) {
      folded.inc();
      Alert grown = Folding.add(fold, finding);
      if (!Folding.waiting(fold)) {
        wake(context, delayMillis);
      }
      if (grown.getFindingsCount() >= Folding.MAX_WAITING) {
        out.collect(with(grown, incident));
        grown = Folding.sent(grown);
      }
      folds.put(key, grown);
      return;
    }
    if (fold != null) {
      send(fold, out);
    } else {
      makeRoom(context.getCurrentKey(), out);
      sizes(context.getCurrentKey())[0]++;
    }
    folds.put(key, Folding.begin(finding, incident.getKey()));
    out.collect(with(finding, incident));
    wake(context, delayMillis);
  }

  private static Alert with(Alert alert, Incident incident) {
    Alert.Builder with = alert.toBuilder();
    return (incident.getKey().isEmpty() ? with.clearIncident() : with.setIncident(incident))
        .build();
  }

  private Incident incident(Alert finding, NodeId node) throws Exception {
    String key = Incidents.keyOf(finding);
    Incident known = incidents.get(key);
    if (known == null) {
      int[] sizes = sizes(node);
      if (sizes[1] >= limit) {
        List<String> oldest = oldest(incidents, Incident::getLastTime);
        for (String old : oldest) {
          incidents.remove(old);
        }
        incidentsShed.inc(oldest.size());
        sizes[1] -= oldest.size();
      }
      sizes[1]++;
    }
    Incident begun =
        known != null && Incidents.takes(known, finding) ? known : Incidents.begin(key, finding);
    Incident grown = Incidents.add(begun, finding);
    incidents.put(key, grown);
    return grown;
  }

  private void makeRoom(NodeId node, Collector<Alert> out) throws Exception {
    int[] sizes = sizes(node);
    if (sizes[0] < limit) {
      return;
    }
    List<String> oldest = oldest(folds, Alert::getLastTime);
    for (String old : oldest) {
      send(folds.get(old), out);
      folds.remove(old);
    }
    foldsShed.inc(oldest.size());
    sizes[0] -= oldest.size();
  }

  /** A quarter at once, so that a flood of new keys does not search all of them for each. */
  private static <T> List<String> oldest(MapState<String, T> state, ToLongFunction<T> time)
      throws Exception {
    List<Map.Entry<String, Long>> entries = new ArrayList<>();
    for (Map.Entry<String, T> entry : state.entries()) {
      entries.add(Map.entry(entry.getKey(), time.applyAsLong(entry.getValue())));
    }
    entries.sort(Comparator.comparingLong(Map.Entry::getValue));
    return entries.subList(0, Math.max(1, entries.size() / 4)).stream()
        .map(Map.Entry::getKey)
        .toList();
  }

  private int[] sizes(NodeId node) throws Exception {
    int[] counted = sizes.get(node);
    if (counted == null) {
      counted = new int[2];
      for (String ignored : folds.keys()) {
        counted[0]++;
      }
      for (String ignored : incidents.keys()) {
        counted[1]++;
      }
      sizes.put(node, counted);
    }
    return counted;
  }

  private void send(Alert fold, Collector<Alert> out) throws Exception {
    if (Folding.waiting(fold)) {
      Incident incident = incidents.get(fold.getIncident().getKey());
      out.collect(incident == null ? fold : fold.toBuilder().setIncident(incident).build());
    }
  }

  /** On a grid, so that many findings make one timer. */
  private static void wake(Context context, long everyMillis) {
    long now = context.timerService().currentProcessingTime();
    context.timerService().registerProcessingTimeTimer((now / everyMillis + 1) * everyMillis);
  }

  /** Sends what waited, and forgets what is over by the clock of this machine. */
  @Override
  public void onTimer(long timestamp, OnTimerContext context, Collector<Alert> out)
      throws Exception {
    long now = context.timerService().currentProcessingTime() * 1_000_000L;
    List<String> over = new ArrayList<>();
    List<String> sent = new ArrayList<>();
    for (Map.Entry<String, Alert> fold : folds.entries()) {
      send(fold.getValue(), out);
      if (now - fold.getValue().getDetectedTime() > Folding.WINDOW_NANOS) {
        over.add(fold.getKey());
      } else if (Folding.waiting(fold.getValue())) {
        sent.add(fold.getKey());
      }
    }
    for (String key : sent) {
      folds.put(key, Folding.sent(folds.get(key)));
    }
    for (String key : over) {
      folds.remove(key);
    }
    int[] sizes = sizes(context.getCurrentKey());
    sizes[0] -= over.size();
    sizes[1] -= forgetIncidents();
    if (sizes[0] > 0) {
      wake(context, WINDOW_MILLIS);
    }
  }

  /** Those that are over by what the node has told since. */
  private int forgetIncidents() throws Exception {
    long newest = Long.MIN_VALUE;
    for (Incident incident : incidents.values()) {
      newest = Math.max(newest, incident.getLastTime());
    }
    List<String> over = new ArrayList<>();
    for (Map.Entry<String, Incident> incident : incidents.entries()) {
      if (newest - incident.getValue().getLastTime() >= Incidents.QUIET_NANOS) {
        over.add(incident.getKey());
      }
    }
    for (String key : over) {
      incidents.remove(key);
    }
    return over.size();
  }
}
