package dev.interdict.agent.kernel;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Writes records as the kernel's programs do, into a ring of our own. */
final class KernelRecords {
  private static final int PREFIX = 8;

  final ByteBuffer consumer = ByteBuffer.allocateDirect(4096).order(ByteOrder.nativeOrder());
  final ByteBuffer producer = ByteBuffer.allocateDirect(4096).order(ByteOrder.nativeOrder());
  final ByteBuffer data;
  private final int size;
  private int at;
  private int end;

  KernelRecords(int size) {
    this.size = size;
    this.data = ByteBuffer.allocateDirect(2 * size).order(ByteOrder.nativeOrder());
  }

  Ring ring() {
    return new Ring(consumer, producer, data.slice(0, size));
  }

  /** Fills the rest of the ring with a record that was discarded. */
  void fill() {
    int used = (int) producer.getLong(0);
    data.putInt(used, (size - used - PREFIX) | 1 << 30);
    producer.putLong(0, 0);
  }

  /** Every record once more, a lap later. */
  void again() {
    producer.putLong(0, producer.getLong(0) + size);
  }

  KernelRecords begin(int kind, int fixed, int pid, long start, long time) {
    long position = producer.getLong(0);
    at = (int) (position & (size - 1)) + PREFIX;
    end = at + fixed;
    for (int i = at; i < end; i++) {
      data.put(i, (byte) 0);
    }
    data.putLong(at + Record.TIME, time);
    data.putShort(at + Record.KIND, (short) kind);
    data.putInt(at + Record.PID, pid);
    data.putInt(at + Record.TID, pid);
    data.putLong(at + Record.START, start);
    return this;
  }

  KernelRecords parent(int pid, long start) {
    data.putInt(at + Record.PARENT_PID, pid);
    data.putLong(at + Record.PARENT_START, start);
    return this;
  }

  KernelRecords int4(int offset, int value) {
    data.putInt(at + offset, value);
    return this;
  }

  KernelRecords int8(int offset, long value) {
    data.putLong(at + offset, value);
    return this;
  }

  KernelRecords int2(int offset, int value) {
    data.putShort(at + offset, (short) value);
    return this;
  }

  KernelRecords bytes(int offset, byte... bytes) {
    data.put(at + offset, bytes);
    return this;
  }

  KernelRecords text(int span, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    data.putShort(at + span, (short) (end - at));
    data.putShort(at + span + 2, (short) bytes.length);
    data.put(end, bytes);
    end += bytes.length;
    return this;
  }

  /** A path as the kernel writes it. */
  KernelRecords path(int span, String path) {
    StringBuilder components = new StringBuilder();
    String[] names = path.split("/");
    for (int i = names.length - 1; i > 0; i--) {
      components.append(names[i]).append('\0');
    }
    return text(span, components.toString());
  }

  void commit() {
    int length = (end - at + 7) & ~7;
    data.putInt(at + Record.SIZE, length);
    data.putInt(at - PREFIX, length);
    producer.putLong(0, producer.getLong(0) + PREFIX + length);
  }
}
