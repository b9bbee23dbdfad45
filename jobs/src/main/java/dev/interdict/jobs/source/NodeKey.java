package dev.interdict.jobs.source;

import dev.interdict.jobs.ImmutableType;
import dev.interdict.record.NodeId;
import java.io.IOException;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.base.TypeSerializerSingleton;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;

/** How streams are keyed by node, and which subtask therefore owns a node's split. */
public final class NodeKey extends TypeSerializerSingleton<NodeId> {
  public static final NodeKey SERIALIZER = new NodeKey();
  public static final TypeInformation<NodeId> TYPE = ImmutableType.key(NodeId.class, SERIALIZER);

  private NodeKey() {}

  /** The subtask whose key groups hold the node, which is where Flink looks for its state. */
  public static int owner(NodeId node, int maxParallelism, int parallelism) {
    return KeyGroupRangeAssignment.assignKeyToParallelOperator(node, maxParallelism, parallelism);
  }

  @Override
  public boolean isImmutableType() {
    return true;
  }

  @Override
  public NodeId createInstance() {
    return new NodeId(0, 0);
  }

  @Override
  public NodeId copy(NodeId from) {
    return from;
  }

  @Override
  public NodeId copy(NodeId from, NodeId reuse) {
    return from;
  }

  @Override
  public int getLength() {
    return 2 * Long.BYTES;
  }

  @Override
  public void serialize(NodeId node, DataOutputView out) throws IOException {
    out.writeLong(node.hi());
    out.writeLong(node.lo());
  }

  @Override
  public NodeId deserialize(DataInputView in) throws IOException {
    return new NodeId(in.readLong(), in.readLong());
  }

  @Override
  public NodeId deserialize(NodeId reuse, DataInputView in) throws IOException {
    return deserialize(in);
  }

  @Override
  public void copy(DataInputView in, DataOutputView out) throws IOException {
    out.write(in, getLength());
  }

  @Override
  public TypeSerializerSnapshot<NodeId> snapshotConfiguration() {
    return new Snapshot();
  }

  /** Flink finds it by its name in a checkpoint. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<NodeId> {
    public Snapshot() {
      super(() -> SERIALIZER);
    }
  }
}
