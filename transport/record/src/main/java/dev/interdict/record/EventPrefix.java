package dev.interdict.record;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The 11 bytes that every recorded entry begins with: 0x09, time, 0x10, kind. */
final class EventPrefix {
  static final int LENGTH = 11;

  private static final int TIME_TAG = 0x09;
  private static final int TIME_OFFSET = 1;
  private static final int KIND_TAG = 0x10;
  private static final int KIND_TAG_OFFSET = 9;
  private static final int KIND_OFFSET = 10;
  private static final VarHandle LONG =
      MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private EventPrefix() {}

  static boolean isAt(ByteBuffer buffer, int offset, int length) {
    return length >= LENGTH
        && buffer.get(offset) == TIME_TAG
        && buffer.get(offset + KIND_TAG_OFFSET) == KIND_TAG
        && kindAt(buffer, offset) >= 0;
  }

  static long timeAt(ByteBuffer buffer, int offset) {
    return (long) LONG.get(buffer, offset + TIME_OFFSET);
  }

  static int kindAt(ByteBuffer buffer, int offset) {
    return buffer.get(offset + KIND_OFFSET);
  }

  static void put(ByteBuffer buffer, long time, int kind) {
    int at = buffer.position();
    buffer.put((byte) TIME_TAG);
    LONG.set(buffer, at + TIME_OFFSET, time);
    buffer.position(at + KIND_TAG_OFFSET).put((byte) KIND_TAG).put((byte) kind);
  }
}
