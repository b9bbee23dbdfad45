package dev.interdict.jobs.source;

import dev.interdict.jobs.rules.RuleBundle;
import dev.interdict.record.NodeId;
import dev.interdict.schema.Kind;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.base.TypeSerializerSingleton;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** u8 version, then node, epoch, sequence, time, kind and the length-prefixed body. */
public final class NodeEventSerializer extends TypeSerializerSingleton<NodeEvent> {
  public static final NodeEventSerializer INSTANCE = new NodeEventSerializer();

  private static final byte VERSION = 1;
  private static final int FIXED_LENGTH = 1 + 5 * Long.BYTES + 1;
  private static final int MAX_BODY_LENGTH = 256 * 1024;

  @Override
  public boolean isImmutableType() {
    return true;
  }

  @Override
  public NodeEvent createInstance() {
    return NodeEvent.progress(new NodeId(0, 0), 0, 0, 0);
  }

  @Override
  public NodeEvent copy(NodeEvent from) {
    return from;
  }

  @Override
  public NodeEvent copy(NodeEvent from, NodeEvent reuse) {
    return from;
  }

  @Override
  public int getLength() {
    return -1;
  }

  @Override
  public void serialize(NodeEvent event, DataOutputView out) throws IOException {
    out.writeByte(VERSION);
    out.writeLong(event.node().hi());
    out.writeLong(event.node().lo());
    out.writeLong(event.epoch());
    out.writeLong(event.sequence());
    out.writeLong(event.time());
    out.writeByte(event.kind());
    out.writeInt(event.body().length);
    out.write(event.body());
  }

  @Override
  public NodeEvent deserialize(DataInputView in) throws IOException {
    checkVersion(in.readByte());
    NodeId node = new NodeId(in.readLong(), in.readLong());
    long epoch = in.readLong();
    long sequence = in.readLong();
    long time = in.readLong();
    int kind = in.readUnsignedByte();
    byte[] body = new byte[checkedLength(kind, in.readInt())];
    in.readFully(body);
    return new NodeEvent(node, epoch, sequence, time, kind, body);
  }

  @Override
  public NodeEvent deserialize(NodeEvent reuse, DataInputView in) throws IOException {
    return deserialize(in);
  }

  @Override
  public void copy(DataInputView in, DataOutputView out) throws IOException {
    out.write(in, FIXED_LENGTH - 1);
    int kind = in.readUnsignedByte();
    out.writeByte(kind);
    int length = checkedLength(kind, in.readInt());
    out.writeInt(length);
    out.write(in, length);
  }

  private static void checkVersion(byte version) throws IOException {
    if (version != VERSION) {
      throw new IOException("invalid NodeEvent version=" + version + " known=" + VERSION);
    }
  }

  private static int checkedLength(int kind, int length) throws IOException {
    int limit = kind == Kind.KIND_UNSPECIFIED_VALUE ? RuleBundle.MAX_BYTES : MAX_BODY_LENGTH;
    if (length < 0 || length > limit) {
      throw new IOException("invalid bodyLength=" + length + " limit=" + limit);
    }
    return length;
  }

  @Override
  public TypeSerializerSnapshot<NodeEvent> snapshotConfiguration() {
    return new Snapshot();
  }

  /** Flink finds it by its name in a checkpoint. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<NodeEvent> {
    public Snapshot() {
      super(() -> INSTANCE);
    }
  }
}
