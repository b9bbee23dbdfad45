package dev.interdict.jobs.source;

import dev.interdict.jobs.rules.RuleSwitch;
import dev.interdict.jobs.rules.RulesAnnounced;
import dev.interdict.jobs.rules.RulesConfirmed;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.core.io.InputStatus;

/**
 * Reads the nodes of one subtask over one connection. Everything runs on the task's thread, except
 * that a stream which has something to say puts itself into {@code ready} and completes {@code
 * available} on a thread of the connection.
 */
final class BackplaneReader implements SourceReader<NodeEvent, NodeSplit> {
  private static final int MAX_EVENTS_PER_POLL = 256;

  private final SourceReaderContext context;
  private final SourceSettings settings;
  private final Map<String, SplitStream> splits = new LinkedHashMap<>();
  private final Queue<SplitStream> ready = new ConcurrentLinkedQueue<>();
  private volatile CompletableFuture<Void> available = new CompletableFuture<>();
  private final RuleSwitch rules = new RuleSwitch();

  /** Of checkpoints that are not complete yet. */
  private final NavigableMap<Long, List<NodeSplit>> snapshots = new TreeMap<>();

  private NodeStreams streams;

  BackplaneReader(SourceReaderContext context, SourceSettings settings) {
    this.context = context;
    this.settings = settings;
  }

  @Override
  public void start() {
    context.metricGroup().gauge("nodes", splits::size);
    context.metricGroup().gauge("rulesActive", () -> String.valueOf(rules.active()));
    context.metricGroup().gauge("holes", () -> sum(SplitStream::holes));
  }

  private long sum(java.util.function.ToLongFunction<SplitStream> count) {
    return splits.values().stream().mapToLong(count).sum();
  }

  @Override
  public void addSplits(List<NodeSplit> added) {
    try {
      if (streams == null) {
        streams = settings.dialer().dial(settings.consumer());
      }
    } catch (IOException e) {
      throw new IllegalStateException("cannot reach the bus: " + e.getMessage(), e);
    }
    for (NodeSplit split : added) {
      SplitStream stream = new SplitStream(split, settings, this::wake);
      splits.put(split.splitId(), stream);
      stream.open(streams, rules.active());
    }
  }

  /** They come before the splits that they are about. */
  @Override
  public void handleSourceEvents(SourceEvent event) {
    if (event instanceof RulesAnnounced said) {
      if (rules.announced(said)) {
        changeRules();
      }
    } else {
      throw new IllegalStateException("unknown event of the coordinator: " + event);
    }
  }

  private void changeRules() {
    splits.values().forEach(stream -> stream.change(streams, rules.active()));
    context.sendSourceEventToCoordinator(new RulesConfirmed(rules.active().hash()));
  }

  private void wake(SplitStream stream) {
    ready.add(stream);
    available.complete(null);
  }

  @Override
  public InputStatus pollNext(ReaderOutput<NodeEvent> output) throws IOException {
    if (rules.holds()) {
      return InputStatus.NOTHING_AVAILABLE;
    }
    SplitStream stream = ready.poll();
    if (stream != null) {
      if (stream.emit(output, MAX_EVENTS_PER_POLL)) {
        ready.add(stream);
        return InputStatus.MORE_AVAILABLE;
      }
      stream.awaitMore();
    }
    return ready.isEmpty() ? InputStatus.NOTHING_AVAILABLE : InputStatus.MORE_AVAILABLE;
  }

  @Override
  public CompletableFuture<Void> isAvailable() {
    if (available.isDone()) {
      available = new CompletableFuture<>();
    }
    // A stream that woke before the new future was visible completed the old one.
    if (!ready.isEmpty() && !rules.holds()) {
      available.complete(null);
    }
    return available;
  }

  @Override
  public List<NodeSplit> snapshotState(long checkpoint) {
    List<NodeSplit> positions = new ArrayList<>(splits.size());
    splits.values().forEach(stream -> positions.add(stream.position()));
    snapshots.put(checkpoint, positions);
    rules.snapshot(checkpoint);
    return positions;
  }

  @Override
  public void notifyCheckpointComplete(long checkpoint) {
    List<NodeSplit> safe = snapshots.get(checkpoint);
    if (safe != null) {
      for (NodeSplit split : safe) {
        splits.get(split.splitId()).acknowledge(split);
      }
    }
    snapshots.headMap(checkpoint, true).clear();
    if (rules.complete(checkpoint)) {
      changeRules();
    }
    goOn();
  }

  @Override
  public void notifyCheckpointAborted(long checkpoint) {
    snapshots.remove(checkpoint);
    rules.aborted(checkpoint);
    goOn();
  }

  /** What became ready while nothing might be emitted. */
  private void goOn() {
    if (!rules.holds() && !ready.isEmpty()) {
      available.complete(null);
    }
  }

  @Override
  public void notifyNoMoreSplits() {
    throw new IllegalStateException("nodes may appear at any time: splits never end");
  }

  @Override
  public void close() throws IOException {
    splits.values().forEach(SplitStream::close);
    if (streams != null) {
      streams.close();
    }
  }
}
