package dev.interdict.agent.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class RepeatsTest {
  @Test
  void shouldTellOnlyWhatCameSinceItTold() {
    ByteBuffer table =
        ByteBuffer.allocateDirect(Record.RepeatTable.SIZE).order(ByteOrder.nativeOrder());
    Repeats repeats = new Repeats(table);
    List<Integer> told = new ArrayList<>();
    for (long count : new long[] {5, 5, 8}) {
      table.putLong(Record.Repeat.COUNT, count);
      repeats.tell(1, (record, length) -> told.add(record.getInt(Record.COUNT)));
    }
    assertThat(told).containsExactly(5, 3);
  }
}
