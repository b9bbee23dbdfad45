package dev.interdict.jobs.source;

import dev.interdict.record.NodeId;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/** Node, epoch, next sequence and fence as five longs. */
final class NodeSplitSerializer implements SimpleVersionedSerializer<NodeSplit> {
  static final NodeSplitSerializer INSTANCE = new NodeSplitSerializer();
  static final int LENGTH = 5 * Long.BYTES;

  private static final int VERSION = 1;

  @Override
  public int getVersion() {
    return VERSION;
  }

  @Override
  public byte[] serialize(NodeSplit split) {
    ByteBuffer out = ByteBuffer.allocate(LENGTH);
    write(split, out);
    return out.array();
  }

  @Override
  public NodeSplit deserialize(int version, byte[] bytes) throws IOException {
    checkVersion(version);
    try {
      return read(ByteBuffer.wrap(bytes));
    } catch (BufferUnderflowException e) {
      throw new IOException("invalid split length=" + bytes.length + " expected=" + LENGTH, e);
    }
  }

  static void checkVersion(int version) throws IOException {
    if (version != VERSION) {
      throw new IOException("invalid split version=" + version + " known=" + VERSION);
    }
  }

  static void write(NodeSplit split, ByteBuffer out) {
    out.putLong(split.node().hi())
        .putLong(split.node().lo())
        .putLong(split.epoch())
        .putLong(split.next())
        .putLong(split.fence());
  }

  static NodeSplit read(ByteBuffer in) {
    NodeId node = new NodeId(in.getLong(), in.getLong());
    return new NodeSplit(node, in.getLong(), in.getLong(), in.getLong());
  }
}
