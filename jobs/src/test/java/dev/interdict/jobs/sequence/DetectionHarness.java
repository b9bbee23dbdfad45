package dev.interdict.jobs.sequence;

import dev.interdict.cep.RuleSet;
import dev.interdict.jobs.TestRules;
import dev.interdict.jobs.alert.AlertSerializer;
import dev.interdict.jobs.source.NodeEvent;
import dev.interdict.jobs.source.NodeKey;
import dev.interdict.record.NodeId;
import dev.interdict.schema.Alert;
import dev.interdict.schema.Event;
import dev.interdict.schema.Evidence;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.flink.runtime.state.KeyedStateBackend;
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;

/** The operator as a task would run it, fed by hand. */
final class DetectionHarness implements AutoCloseable {
  private static final List<String> STATES =
      List.of(
          "partials",
          "deadlines",
          "windows",
          "window-deadlines",
          "sharedBuffer-entries-with-lockable-edges",
          "sharedBuffer-events",
          "sharedBuffer-events-count");

  private final DetectionOperator operator;
  private final KeyedOneInputStreamOperatorTestHarness<NodeId, NodeEvent, Alert> harness;
  private final Map<NodeId, Long> sequences = new HashMap<>();

  private static final int MAX_PARALLELISM = 128;

  private DetectionHarness(RuleSet rules, OperatorSubtaskState state) throws Exception {
    this(rules, state, 1, 0);
  }

  private DetectionHarness(RuleSet rules, OperatorSubtaskState state, int parallelism, int subtask)
      throws Exception {
    operator = new DetectionOperator(rules, null);
    harness =
        new KeyedOneInputStreamOperatorTestHarness<>(
            operator, NodeEvent::node, NodeKey.TYPE, MAX_PARALLELISM, parallelism, subtask);
    harness.setup(AlertSerializer.INSTANCE);
    if (state != null) {
      harness.initializeState(state);
    }
    harness.open();
  }

  static DetectionHarness start(RuleSet rules) throws Exception {
    return new DetectionHarness(rules, null);
  }

  /** Closes this one and goes on where its snapshot was taken. */
  DetectionHarness restore(RuleSet rules) throws Exception {
    OperatorSubtaskState state = harness.snapshot(1, 1);
    harness.close();
    DetectionHarness restored = new DetectionHarness(rules, state);
    restored.sequences.putAll(sequences);
    return restored;
  }

  /** Closes this one and goes on in several subtasks, each with the nodes that fall to it. */
  List<DetectionHarness> rescale(RuleSet rules, int parallelism) throws Exception {
    OperatorSubtaskState state = harness.snapshot(1, 1);
    harness.close();
    List<DetectionHarness> subtasks = new ArrayList<>();
    for (int subtask = 0; subtask < parallelism; subtask++) {
      OperatorSubtaskState part =
          AbstractStreamOperatorTestHarness.repartitionOperatorState(
              state, MAX_PARALLELISM, 1, parallelism, subtask);
      DetectionHarness restored = new DetectionHarness(rules, part, parallelism, subtask);
      restored.sequences.putAll(sequences);
      subtasks.add(restored);
    }
    return subtasks;
  }

  static int subtaskOf(NodeId node, int parallelism) {
    return KeyGroupRangeAssignment.assignKeyToParallelOperator(node, MAX_PARALLELISM, parallelism);
  }

  NodeEvent feed(NodeId node, Event event) throws Exception {
    NodeEvent fed = TestRules.at(node, sequences.merge(node, 1L, Long::sum), event);
    harness.processElement(fed, fed.timeMillis());
    return fed;
  }

  /** Feeds only the first bytes of an event. */
  void feedBytes(NodeId node, Event event, int length) throws Exception {
    NodeEvent whole = TestRules.at(node, sequences.merge(node, 1L, Long::sum), event);
    NodeEvent cut =
        new NodeEvent(
            node,
            1,
            whole.sequence(),
            whole.time(),
            whole.kind(),
            Arrays.copyOf(whole.body(), length));
    harness.processElement(cut, cut.timeMillis());
  }

  /** Alerts since the last call. */
  List<Alert> alerts() {
    List<Alert> alerts = new ArrayList<>(harness.extractOutputValues());
    harness.getOutput().clear();
    return alerts;
  }

  /** Of each alert the sequences of its evidence. */
  List<List<Long>> evidence() {
    return alerts().stream().map(DetectionHarness::positions).collect(Collectors.toList());
  }

  static List<Long> positions(Alert alert) {
    return alert.getEvidenceList().stream()
        .map(Evidence::getPosition)
        .map(position -> position.getSequence())
        .collect(Collectors.toList());
  }

  /** Entries of each kind of state, without the nodes' clocks. */
  Map<String, Long> stateSize() {
    KeyedStateBackend<NodeId> backend = operator.getKeyedStateBackend();
    Map<String, Long> sizes = new HashMap<>();
    STATES.forEach(name -> sizes.put(name, backend.<Object>getKeysAndNamespaces(name).count()));
    return sizes;
  }

  long stateEntries() {
    return stateSize().values().stream().mapToLong(Long::longValue).sum();
  }

  long suppressed() {
    return operator.suppressed();
  }

  long windowsShed() {
    return operator.windowsShed();
  }

  @Override
  public void close() throws Exception {
    harness.close();
  }
}
