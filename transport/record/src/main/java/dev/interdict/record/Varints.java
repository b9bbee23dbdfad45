package dev.interdict.record;

import java.nio.ByteBuffer;

/** Unsigned LEB128, as in protobuf. */
final class Varints {
  private Varints() {}

  static void put(ByteBuffer buffer, long value) {
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      buffer.put((byte) (rest | 0x80));
      rest >>>= 7;
    }
    buffer.put((byte) rest);
  }
}
