package dev.interdict.jobs.source;

import dev.interdict.jobs.rules.RuleBundle;
import dev.interdict.record.NodeId;
import dev.interdict.record.Position;
import dev.interdict.schema.Kind;
import java.util.Arrays;
import java.util.Objects;

/**
 * An event at its position. Flink's heap state, the sequence buffer and chained operators all hold
 * the same instance, so it is never changed after construction; the body belongs to it.
 */
public final class NodeEvent {
  private static final byte[] NO_BODY = {};

  private final NodeId node;
  private final long epoch;
  private final long sequence;
  private final long time;
  private final int kind;
  private final byte[] body;

  public NodeEvent(NodeId node, long epoch, long sequence, long time, int kind, byte[] body) {
    this.node = Objects.requireNonNull(node, "node");
    this.epoch = epoch;
    this.sequence = sequence;
    this.time = time;
    this.kind = kind;
    this.body = Objects.requireNonNull(body, "body");
  }

  /**
   * Says that everything up to this sequence was filtered out and that the node's clock has reached
   * the time. It is not an event of the recorder and has no body.
   */
  public static NodeEvent progress(NodeId node, long epoch, long sequence, long time) {
    return new NodeEvent(node, epoch, sequence, time, Kind.TICK_VALUE, NO_BODY);
  }

  /**
   * Says that from here on the node's events are judged by this rule set. It is not an event of the
   * recorder and moves no clock.
   */
  public static NodeEvent rules(NodeId node, long epoch, long sequence, RuleBundle rules) {
    return new NodeEvent(node, epoch, sequence, 0, Kind.KIND_UNSPECIFIED_VALUE, rules.packed());
  }

  public NodeId node() {
    return node;
  }

  public long epoch() {
    return epoch;
  }

  public long sequence() {
    return sequence;
  }

  /** Unix nanoseconds. */
  public long time() {
    return time;
  }

  public long timeMillis() {
    return Math.floorDiv(time, 1_000_000L);
  }

  /** A {@link Kind} number. */
  public int kind() {
    return kind;
  }

  /** An encoded Event, to be read only. */
  public byte[] body() {
    return body;
  }

  public boolean isProgress() {
    return body.length == 0;
  }

  public boolean isRules() {
    return kind == Kind.KIND_UNSPECIFIED_VALUE && body.length > 0;
  }

  public Position position() {
    return new Position(node, epoch, sequence);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof NodeEvent that
        && sequence == that.sequence
        && epoch == that.epoch
        && time == that.time
        && kind == that.kind
        && node.equals(that.node)
        && Arrays.equals(body, that.body);
  }

  @Override
  public int hashCode() {
    return Objects.hash(node, epoch, sequence);
  }

  @Override
  public String toString() {
    return node + "/" + epoch + "/" + sequence + " " + Kind.forNumber(kind);
  }
}
