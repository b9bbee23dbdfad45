package dev.interdict.jobs.source;

import dev.interdict.jobs.rules.RuleCoordinator;
import dev.interdict.record.NodeId;
import dev.interdict.schema.Presence;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.api.connector.source.SplitsAssignment;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives each node that appears on the bus a split, and each split to the subtask that owns the
 * node's key group. A node that leaves keeps its split: it will be back with what it recorded.
 *
 * <p>All methods run on the coordinator's thread. After a start nothing is decided until every
 * reader has registered, because only then is it known which splits the restored ones bring along.
 */
final class BackplaneEnumerator implements SplitEnumerator<NodeSplit, EnumeratorState> {
  private static final Logger LOG = LoggerFactory.getLogger(BackplaneEnumerator.class);

  private final SplitEnumeratorContext<NodeSplit> context;
  private final SourceSettings settings;
  private final Set<NodeId> known;
  private final Set<NodeId> appeared = new LinkedHashSet<>();
  private final Map<String, NodeSplit> pending = new LinkedHashMap<>();
  private final RuleCoordinator rules;
  private long fence;
  private NodeStreams streams;

  BackplaneEnumerator(
      SplitEnumeratorContext<NodeSplit> context, SourceSettings settings, EnumeratorState state) {
    this.context = context;
    this.settings = settings;
    this.known = new HashSet<>(state.known());
    this.fence = state.fence();
    this.rules =
        settings.rules() == null
            ? null
            : new RuleCoordinator(context, settings.rules(), state.rules());
    state.pending().forEach(this::hold);
  }

  @Override
  public void start() {
    try {
      streams = settings.dialer().dial(settings.consumer());
    } catch (IOException e) {
      throw new IllegalStateException("cannot reach the bus: " + e.getMessage(), e);
    }
    if (rules != null) {
      rules.start();
    }
    streams.watch(this::onPresence);
  }

  /** On a thread of the connection. */
  private void onPresence(Presence presence) {
    try {
      context.runInCoordinatorThread(() -> present(presence));
    } catch (RejectedExecutionException e) {
      LOG.debug("{} ended before it was told of a node", settings.consumer(), e);
    }
  }

  private void present(Presence presence) {
    NodeId node = NodeId.parse(presence.getNode().getId());
    if (rules != null && presence.hasStatus()) {
      rules.unseen(node, presence.getNode().getName(), presence.getStatus().getUnseenList());
    }
    if (presence.getConnected() && !known.contains(node)) {
      appeared.add(node);
      assign();
    }
  }

  @Override
  public void addReader(int subtask) {
    if (rules != null) {
      rules.addReader(subtask);
    }
    context
        .registeredReaders()
        .get(subtask)
        .<NodeSplit>getReportedSplitsOnRegistration()
        .forEach(this::hold);
    assign();
  }

  @Override
  public void addSplitsBack(List<NodeSplit> splits, int subtask) {
    splits.forEach(this::hold);
    assign();
  }

  private void hold(NodeSplit split) {
    known.add(split.node());
    pending.put(split.splitId(), split);
  }

  private void assign() {
    int parallelism = context.currentParallelism();
    if (context.registeredReaders().size() < parallelism) {
      return;
    }
    for (NodeId node : appeared) {
      if (!known.contains(node)) {
        hold(settings.start() == Start.EARLIEST ? NodeSplit.earliest(node) : NodeSplit.live(node));
      }
    }
    appeared.clear();
    if (pending.isEmpty()) {
      return;
    }
    fence = Math.max(fence + 1, System.currentTimeMillis());
    Map<Integer, List<NodeSplit>> assignment = new HashMap<>();
    for (NodeSplit split : pending.values()) {
      int owner = NodeKey.owner(split.node(), settings.maxParallelism(), parallelism);
      assignment.computeIfAbsent(owner, o -> new ArrayList<>()).add(split.withFence(fence));
    }
    LOG.info("{}: {} node streams to {} readers", settings.consumer(), pending.size(), parallelism);
    pending.clear();
    context.assignSplits(new SplitsAssignment<>(assignment));
  }

  /** Splits are never asked for: their owner follows from the key groups. */
  @Override
  public void handleSplitRequest(int subtask, String host) {}

  @Override
  public EnumeratorState snapshotState(long checkpoint) {
    return new EnumeratorState(
        known,
        new ArrayList<>(pending.values()),
        fence,
        rules == null ? null : rules.snapshot(checkpoint));
  }

  @Override
  public void notifyCheckpointComplete(long checkpoint) {
    if (rules != null) {
      rules.notifyCheckpointComplete(checkpoint);
    }
  }

  @Override
  public void handleSourceEvent(int subtask, SourceEvent event) {
    if (rules == null) {
      throw new IllegalStateException("unexpected event of a reader: " + event);
    }
    rules.handleSourceEvent(subtask, event);
  }

  @Override
  public void close() throws IOException {
    if (streams != null) {
      streams.close();
    }
  }
}
