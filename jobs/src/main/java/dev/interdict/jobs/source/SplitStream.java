package dev.interdict.jobs.source;

import dev.interdict.jobs.rules.RuleBundle;
import dev.interdict.jobs.source.NodeStreams.Batch;
import dev.interdict.jobs.source.NodeStreams.NodeStream;
import dev.interdict.record.NodeId;
import dev.interdict.schema.Kind;
import dev.interdict.schema.Position;
import dev.interdict.schema.Subscribe;
import java.io.IOException;
import java.util.Arrays;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.flink.api.connector.source.SourceOutput;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One node's stream and how far it was emitted. The position moves only after the event is with the
 * downstream operators, so that a checkpoint between two events is exact.
 */
final class SplitStream {
  private static final Logger LOG = LoggerFactory.getLogger(SplitStream.class);

  private final SourceSettings settings;
  private final Consumer<SplitStream> wake;
  private final NodeId node;
  private final long fence;
  private NodeStream stream;
  private RuleBundle rules;
  private boolean rulesTold;
  private Set<Kind> asked;
  private Batch batch;
  private long epoch;
  private long next;
  private long clock;
  private long holes;

  SplitStream(NodeSplit split, SourceSettings settings, Consumer<SplitStream> wake) {
    this.settings = settings;
    this.wake = wake;
    this.node = split.node();
    this.fence = split.fence();
    this.epoch = split.epoch();
    this.next = split.next();
  }

  /**
   * @param newRules what the events are judged by from here on; null for a job without rules
   */
  void open(NodeStreams streams, RuleBundle newRules) {
    rules = newRules;
    rulesTold = newRules == null;
    open(streams, newRules == null ? settings.kinds() : newRules.kinds());
  }

  /** Other rules from the position on; the subscription follows if they ask for other kinds. */
  void change(NodeStreams streams, RuleBundle newRules) {
    rules = newRules;
    rulesTold = false;
    Set<Kind> kinds = newRules.kinds();
    if (kinds.equals(asked)) {
      wake.accept(this);
      return;
    }
    NodeSplit position = position();
    epoch = position.epoch();
    next = position.next();
    stream.close();
    batch = null;
    open(streams, kinds);
  }

  private void open(NodeStreams streams, Set<Kind> kinds) {
    asked = kinds;
    Subscribe.Builder request =
        Subscribe.newBuilder()
            .setNode(node.toString())
            .addAllKinds(kinds)
            .setCredit(settings.creditBytes())
            .setFence(fence)
            .setCheckpointed(true);
    if (epoch == NodeSplit.EARLIEST) {
      request.setFromTime(1);
    } else if (epoch != NodeSplit.LIVE) {
      request.setFrom(
          Position.newBuilder().setNode(node.toString()).setEpoch(epoch).setSequence(next));
    }
    stream = streams.open(request.build());
    wake.accept(this);
  }

  /** Emits at most so many events; false once there is nothing left to emit now. */
  boolean emit(SourceOutput<NodeEvent> output, int limit) throws IOException {
    if (!rulesTold) {
      output.collect(NodeEvent.rules(node, epoch, next - 1, rules));
      rulesTold = true;
    }
    for (int left = limit; left > 0; ) {
      if (batch == null) {
        batch = stream.poll();
        if (batch == null) {
          return false;
        }
        begin(batch);
      }
      if (batch.next()) {
        if (batch.sequence() >= next) {
          emit(output);
          left--;
        }
      } else {
        finish(output);
        left--;
      }
    }
    return true;
  }

  private void begin(Batch begun) throws IOException {
    if (begun.epoch() != epoch) {
      if (begun.epoch() < epoch) {
        throw new IOException(
            "node " + node + " went back from epoch=" + epoch + " to epoch=" + begun.epoch());
      }
      epoch = begun.epoch();
      next = begun.firstSequence();
    } else if (begun.firstSequence() > next) {
      // The recorder explains its holes by Gap events inside a covered range; this is another kind.
      holes += begun.firstSequence() - next;
      LOG.error(
          "node {} epoch {}: sequences {} to {} never came",
          node,
          epoch,
          next,
          begun.firstSequence() - 1);
      next = begun.firstSequence();
    }
  }

  private void emit(SourceOutput<NodeEvent> output) {
    int offset = batch.offset();
    byte[] body = Arrays.copyOfRange(batch.array(), offset, offset + batch.length());
    NodeEvent event =
        new NodeEvent(node, epoch, batch.sequence(), batch.time(), batch.kind(), body);
    output.collect(event, event.timeMillis());
    next = event.sequence() + 1;
    clock = Math.max(clock, event.time());
  }

  private void finish(SourceOutput<NodeEvent> output) {
    long last = batch.lastSequence();
    if (settings.progress() && last >= next && batch.clock() > clock) {
      clock = batch.clock();
      NodeEvent event = NodeEvent.progress(node, epoch, last, clock);
      output.collect(event, event.timeMillis());
    }
    next = Math.max(next, last + 1);
    batch = null;
  }

  void awaitMore() {
    stream.available().whenComplete((done, failure) -> wake.accept(this));
  }

  NodeSplit position() {
    if (epoch == NodeSplit.LIVE && stream.resume() != null) {
      // The node has said where live begins: what comes after that must not be lost any more.
      return new NodeSplit(node, stream.resume().epoch(), stream.resume().sequence(), fence);
    }
    return new NodeSplit(node, epoch, next, fence);
  }

  /** A checkpoint with this position is complete. */
  void acknowledge(NodeSplit done) {
    if (done.epoch() != NodeSplit.LIVE && done.epoch() != NodeSplit.EARLIEST) {
      stream.acknowledge(new dev.interdict.record.Position(node, done.epoch(), done.next()));
    }
  }

  /** Sequences that neither came nor were explained. */
  long holes() {
    return holes;
  }

  void close() {
    if (stream != null) {
      stream.close();
    }
  }
}
