package dev.interdict.jobs.source;

import dev.interdict.record.NodeId;
import org.apache.flink.api.connector.source.SourceSplit;

/**
 * A node's stream, one split per node for ever.
 *
 * @param epoch {@link #LIVE} or {@link #EARLIEST} while the stream has no position yet
 * @param next the first sequence that was not emitted yet
 * @param fence grows with every assignment; a node serves the highest holder of a name
 */
public record NodeSplit(NodeId node, long epoch, long next, long fence) implements SourceSplit {
  /** Begins with what comes next. */
  public static final long LIVE = -1;

  /** Begins with the oldest event that the node still has. */
  public static final long EARLIEST = 0;

  public static NodeSplit earliest(NodeId node) {
    return new NodeSplit(node, EARLIEST, 1, 0);
  }

  public static NodeSplit live(NodeId node) {
    return new NodeSplit(node, LIVE, 1, 0);
  }

  public NodeSplit withFence(long newFence) {
    return new NodeSplit(node, epoch, next, newFence);
  }

  @Override
  public String splitId() {
    return node.toString();
  }
}
