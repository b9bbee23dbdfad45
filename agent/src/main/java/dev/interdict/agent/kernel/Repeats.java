package dev.interdict.agent.kernel;

import dev.interdict.schema.Kind;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * What processes did again and again, counted by the kernel ({@code repeat.h}) and told here: as a
 * record in the words of the first, with the number of those that followed. The kernel writes the
 * counts and this the field that says how many of them have been told, so that nothing is told
 * twice or not at all.
 */
final class Repeats {
  private static final VarHandle LONG =
      MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());
  private static final int TOLD_SUMS = 2;

  private final ByteBuffer table;
  private final int slots;
  private final long[] toldSums;
  private final ByteBuffer record =
      ByteBuffer.allocateDirect(Record.RepeatTable.RECORD_LIMIT).order(ByteOrder.nativeOrder());

  /** Takes the record and its length; the bytes are overwritten after the call. */
  interface Listener {
    void repeated(ByteBuffer record, int length);
  }

  Repeats(ByteBuffer table) {
    this.table = table.order(ByteOrder.nativeOrder());
    this.slots = table.capacity() / Record.RepeatTable.SIZE * Record.RepeatTable.SLOT_COUNT;
    this.toldSums = new long[slots * TOLD_SUMS];
  }

  /**
   * @param time nanoseconds since boot, of the records that are made
   */
  void tell(long time, Listener listener) {
    for (int slot = 0; slot < slots; slot++) {
      int cpu = slot / Record.RepeatTable.SLOT_COUNT * Record.RepeatTable.SIZE;
      int index = slot % Record.RepeatTable.SLOT_COUNT;
      int at = cpu + index * Record.Repeat.SIZE;
      long count = (long) LONG.getAcquire(table, at + Record.Repeat.COUNT);
      long told = table.getLong(at + Record.Repeat.TOLD);
      if (count == told) {
        continue;
      }
      long version = (long) LONG.getAcquire(table, at + Record.Repeat.VERSION);
      int from = cpu + Record.RepeatTable.RECORDS + index * Record.RepeatTable.RECORD_LIMIT;
      record.put(0, table, from, Record.RepeatTable.RECORD_LIMIT);
      VarHandle.acquireFence();
      if ((version & 1) != 0 || version != table.getLong(at + Record.Repeat.VERSION)) {
        continue; // the next time
      }
      record.putLong(Record.TIME, time);
      record.putInt(Record.COUNT, (int) Math.min(count - told, Integer.MAX_VALUE));
      if (record.getShort(Record.KIND) == Kind.DISCONNECT_VALUE) {
        takeSum(slot, 0, at, Record.SocketRecord.SENT);
        takeSum(slot, 1, at, Record.SocketRecord.RECEIVED);
        record.putLong(Record.SocketRecord.DURATION, 0); // was that of the first
      }
      listener.repeated(record, record.getInt(Record.SIZE));
      LONG.setRelease(table, at + Record.Repeat.TOLD, count);
    }
  }

  private void takeSum(int slot, int which, int at, int field) {
    long sum = table.getLong(at + Record.Repeat.SUMS + 8 * which);
    record.putLong(field, sum - toldSums[TOLD_SUMS * slot + which]);
    toldSums[TOLD_SUMS * slot + which] = sum;
  }
}
