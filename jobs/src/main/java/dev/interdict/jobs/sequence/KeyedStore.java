package dev.interdict.jobs.sequence;

import dev.interdict.jobs.source.NodeEvent;
import dev.interdict.jobs.source.NodeEventSerializer;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.functions.SerializerFactory;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.State;
import org.apache.flink.api.common.state.StateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.base.BooleanSerializer;
import org.apache.flink.api.common.typeutils.base.LongSerializer;
import org.apache.flink.api.common.typeutils.base.StringSerializer;
import org.apache.flink.api.common.typeutils.base.array.LongPrimitiveArraySerializer;
import org.apache.flink.cep.nfa.NFAState;
import org.apache.flink.cep.nfa.NFAStateSerializer;
import org.apache.flink.cep.nfa.sharedbuffer.SharedBuffer;
import org.apache.flink.runtime.state.DefaultKeyedStateStore;
import org.apache.flink.runtime.state.KeyedStateBackend;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.apache.flink.runtime.state.internal.InternalKvState;

/**
 * State of the sequences and counts. The stream is keyed by node; the join key of a partial match
 * or window is the state's namespace. So all keys of a node stay with its split, and still each is
 * an entry of its own in the state table: neither lookup nor copy-on-write grows with the number of
 * keys.
 */
final class KeyedStore {
  private static final MapStateDescriptor<String, NFAState> PARTIALS =
      new MapStateDescriptor<>("partials", StringSerializer.INSTANCE, new NFAStateSerializer());
  private static final MapStateDescriptor<String, Boolean> DEADLINES =
      new MapStateDescriptor<>("deadlines", StringSerializer.INSTANCE, BooleanSerializer.INSTANCE);
  private static final MapStateDescriptor<String, Window> WINDOWS =
      new MapStateDescriptor<>("windows", StringSerializer.INSTANCE, WindowSerializer.INSTANCE);
  private static final MapStateDescriptor<String, Boolean> WINDOW_DEADLINES =
      new MapStateDescriptor<>(
          "window-deadlines", StringSerializer.INSTANCE, BooleanSerializer.INSTANCE);
  private static final ValueStateDescriptor<String> RULES =
      new ValueStateDescriptor<>("rules", StringSerializer.INSTANCE);
  private static final ValueStateDescriptor<long[]> CLOCK =
      new ValueStateDescriptor<>("clock", LongPrimitiveArraySerializer.INSTANCE);

  private final KeyedStateBackend<?> backend;
  private final List<InternalKvState<?, String, ?>> byJoinKey = new ArrayList<>();
  private final MapState<String, NFAState> partials;
  private final MapState<String, Boolean> deadlines;
  private final MapState<String, Window> windows;
  private final MapState<String, Boolean> windowDeadlines;
  private final ValueState<long[]> clock;
  private final ValueState<String> rules;
  private final SharedBuffer<NodeEvent> buffer;

  KeyedStore(KeyedStateBackend<?> backend) throws Exception {
    this.backend = backend;
    partials = joined(PARTIALS);
    deadlines = backend.getOrCreateKeyedState(LongSerializer.INSTANCE, DEADLINES);
    windows = joined(WINDOWS);
    windowDeadlines = backend.getOrCreateKeyedState(LongSerializer.INSTANCE, WINDOW_DEADLINES);
    clock =
        backend.getPartitionedState(
            VoidNamespace.INSTANCE, VoidNamespaceSerializer.INSTANCE, CLOCK);
    rules =
        backend.getPartitionedState(
            VoidNamespace.INSTANCE, VoidNamespaceSerializer.INSTANCE, RULES);
    buffer = new SharedBuffer<>(new JoinedStates(), NodeEventSerializer.INSTANCE);
    // It has started a timer thread that only logs.
    buffer.releaseCacheStatisticsTimer();
  }

  @SuppressWarnings("unchecked") // every state of a Flink backend is an InternalKvState
  private <S extends State> S joined(StateDescriptor<S, ?> descriptor) throws Exception {
    S state = backend.getOrCreateKeyedState(StringSerializer.INSTANCE, descriptor);
    byJoinKey.add((InternalKvState<?, String, ?>) state);
    return state;
  }

  /** The following calls are about this join key of the current node. */
  void enter(String joinKey) {
    for (InternalKvState<?, String, ?> state : byJoinKey) {
      state.setCurrentNamespace(joinKey);
    }
  }

  /** By program. */
  MapState<String, NFAState> partials() {
    return partials;
  }

  SharedBuffer<NodeEvent> buffer() {
    return buffer;
  }

  @SuppressWarnings("unchecked") // as above
  MapState<String, Boolean> deadlines(long slot) {
    ((InternalKvState<?, Long, ?>) deadlines).setCurrentNamespace(slot);
    return deadlines;
  }

  /** By counter. */
  MapState<String, Window> windows() {
    return windows;
  }

  @SuppressWarnings("unchecked") // as above
  MapState<String, Boolean> windowDeadlines(long slot) {
    ((InternalKvState<?, Long, ?>) windowDeadlines).setCurrentNamespace(slot);
    return windowDeadlines;
  }

  ValueState<long[]> clock() {
    return clock;
  }

  /** Hash of the set that the node's partial matches are of; null before it was ever told. */
  ValueState<String> rules() {
    return rules;
  }

  /** Puts the states of a SharedBuffer under the join key, too. */
  private final class JoinedStates extends DefaultKeyedStateStore {
    JoinedStates() {
      super(
          backend,
          new SerializerFactory() {
            @Override
            public <T> TypeSerializer<T> createSerializer(TypeInformation<T> type) {
              throw new IllegalStateException("no serializer given for " + type);
            }
          });
    }

    @Override
    protected <S extends State> S getPartitionedState(StateDescriptor<S, ?> descriptor)
        throws Exception {
      return joined(descriptor);
    }
  }
}
