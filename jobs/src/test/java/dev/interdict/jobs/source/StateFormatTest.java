package dev.interdict.jobs.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interdict.jobs.TestRules;
import dev.interdict.jobs.rules.RuleBundle;
import dev.interdict.record.NodeId;
import dev.interdict.schema.Kind;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.api.Test;

class StateFormatTest {
  private static final NodeId NODE = NodeId.parse("1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed");

  @Test
  void shouldKeepEveryFieldOfAnEvent() throws IOException {
    NodeEvent event = new NodeEvent(NODE, 3, 77, -5, Kind.DUP_VALUE, new byte[] {1, 2, 3});
    DataOutputSerializer out = new DataOutputSerializer(16);
    NodeEventSerializer.INSTANCE.serialize(event, out);
    DataOutputSerializer copied = new DataOutputSerializer(128);
    NodeEventSerializer.INSTANCE.copy(new DataInputDeserializer(out.getCopyOfBuffer()), copied);
    assertThat(copied.getCopyOfBuffer()).isEqualTo(out.getCopyOfBuffer());
    assertThat(
            NodeEventSerializer.INSTANCE.deserialize(
                new DataInputDeserializer(copied.getCopyOfBuffer())))
        .isEqualTo(event);
  }

  @Test
  void shouldRefuseAnEventOfUnknownVersionOrImpossibleLength() throws IOException {
    NodeEvent event = new NodeEvent(NODE, 3, 77, 5, Kind.DUP_VALUE, new byte[] {1, 2, 3});
    DataOutputSerializer out = new DataOutputSerializer(16);
    NodeEventSerializer.INSTANCE.serialize(event, out);
    byte[] newer = out.getCopyOfBuffer();
    newer[0] = 9;
    assertThatThrownBy(
            () -> NodeEventSerializer.INSTANCE.deserialize(new DataInputDeserializer(newer)))
        .hasMessage("invalid NodeEvent version=9 known=1");
    byte[] longer = out.getCopyOfBuffer();
    Arrays.fill(longer, longer.length - 7, longer.length - 3, (byte) 0x7f);
    assertThatThrownBy(
            () -> NodeEventSerializer.INSTANCE.deserialize(new DataInputDeserializer(longer)))
        .hasMessage("invalid bodyLength=2139062143 limit=262144");
  }

  @Test
  void shouldKeepWhatTheEnumeratorMustNotForget() throws IOException {
    EnumeratorState state =
        new EnumeratorState(
            Set.of(NODE, new NodeId(1, 2)),
            List.of(new NodeSplit(NODE, 4, 5, 6), NodeSplit.live(new NodeId(1, 2))),
            99,
            RuleBundle.of(TestRules.of("a").build()));
    byte[] bytes = EnumeratorState.Serializer.INSTANCE.serialize(state);
    assertThat(EnumeratorState.Serializer.INSTANCE.deserialize(2, bytes)).isEqualTo(state);
    assertThatThrownBy(() -> EnumeratorState.Serializer.INSTANCE.deserialize(3, bytes))
        .hasMessage("invalid enumerator state version=3 known=2");
    byte[] truncated = Arrays.copyOf(bytes, bytes.length - 1);
    assertThatThrownBy(() -> EnumeratorState.Serializer.INSTANCE.deserialize(2, truncated))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("invalid count=");
    // As it was before rules could change.
    byte[] first = new byte[8 + 4 + 4];
    first[7] = 42;
    assertThat(EnumeratorState.Serializer.INSTANCE.deserialize(1, first))
        .isEqualTo(new EnumeratorState(Set.of(), List.of(), 42, null));
  }

  @Test
  void shouldKeepANodeInTheSameKeyGroupInEveryProcess() {
    // Were this number to change, restored state would lie with other subtasks than its splits.
    assertThat(NODE.hashCode()).isEqualTo(31 * Long.hashCode(NODE.hi()) + Long.hashCode(NODE.lo()));
    assertThat(NodeKey.owner(NODE, 128, 1)).isZero();
  }
}
