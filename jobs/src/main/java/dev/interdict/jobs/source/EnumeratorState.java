package dev.interdict.jobs.source;

import dev.interdict.jobs.rules.RuleBundle;
import dev.interdict.record.NodeId;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/**
 * What the enumerator must not forget.
 *
 * @param known every node that ever had a split, so that none gets a second one
 * @param pending splits that no reader holds: new ones, given back ones, and those that readers
 *     reported on recovery
 * @param fence the highest fencing number handed out
 * @param rules what is in effect from the readers' positions on; null where there is none
 */
record EnumeratorState(Set<NodeId> known, List<NodeSplit> pending, long fence, RuleBundle rules) {
  static final EnumeratorState EMPTY = new EnumeratorState(Set.of(), List.of(), 0, null);

  EnumeratorState {
    known = Set.copyOf(known);
    pending = List.copyOf(pending);
  }

  /** Fence, count and known nodes, count and pending splits, length and rules (since version 2). */
  static final class Serializer implements SimpleVersionedSerializer<EnumeratorState> {
    static final Serializer INSTANCE = new Serializer();

    private static final int VERSION = 2;
    private static final int NODE_LENGTH = 2 * Long.BYTES;

    @Override
    public int getVersion() {
      return VERSION;
    }

    @Override
    public byte[] serialize(EnumeratorState state) {
      byte[] rules = state.rules == null ? new byte[0] : state.rules.packed();
      ByteBuffer out =
          ByteBuffer.allocate(
              Long.BYTES
                  + 3 * Integer.BYTES
                  + rules.length
                  + state.known.size() * NODE_LENGTH
                  + state.pending.size() * NodeSplitSerializer.LENGTH);
      out.putLong(state.fence).putInt(state.known.size());
      state.known.forEach(node -> out.putLong(node.hi()).putLong(node.lo()));
      out.putInt(state.pending.size());
      state.pending.forEach(split -> NodeSplitSerializer.write(split, out));
      out.putInt(rules.length).put(rules);
      return out.array();
    }

    @Override
    public EnumeratorState deserialize(int version, byte[] bytes) throws IOException {
      if (version < 1 || version > VERSION) {
        throw new IOException("invalid enumerator state version=" + version + " known=" + VERSION);
      }
      ByteBuffer in = ByteBuffer.wrap(bytes);
      try {
        long fence = in.getLong();
        Set<NodeId> known = new HashSet<>();
        for (int i = count(in, NODE_LENGTH); i > 0; i--) {
          known.add(new NodeId(in.getLong(), in.getLong()));
        }
        List<NodeSplit> pending = new ArrayList<>();
        for (int i = count(in, NodeSplitSerializer.LENGTH); i > 0; i--) {
          pending.add(NodeSplitSerializer.read(in));
        }
        RuleBundle rules = version < 2 ? null : rules(in);
        return new EnumeratorState(known, pending, fence, rules);
      } catch (BufferUnderflowException e) {
        throw new IOException("truncated enumerator state length=" + bytes.length, e);
      }
    }

    private static RuleBundle rules(ByteBuffer in) throws IOException {
      byte[] rules = new byte[count(in, 1)];
      in.get(rules);
      try {
        return rules.length == 0 ? null : RuleBundle.packed(rules);
      } catch (IllegalArgumentException e) {
        throw new IOException(e.getMessage(), e);
      }
    }

    private static int count(ByteBuffer in, int each) throws IOException {
      int count = in.getInt();
      if (count < 0 || (long) count * each > in.remaining()) {
        throw new IOException("invalid count=" + count + " remaining=" + in.remaining());
      }
      return count;
    }
  }
}
