package dev.interdict.schema;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Steps through protobuf wire format in an array. Every method is told where its message ends. */
final class WireCursor {
  static final int VARINT = 0;
  static final int FIXED64 = 1;
  static final int BYTES = 2;
  static final int FIXED32 = 5;

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final int MAX_FIELD_NUMBER = (1 << 29) - 1;

  byte[] array;
  int at;
  private int origin;

  void wrap(byte[] array, int offset) {
    this.array = array;
    origin = offset;
    at = offset;
  }

  long varint(int to) {
    int p = at;
    if (p < to && array[p] >= 0) {
      at = p + 1;
      return array[p];
    }
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (p >= to) {
        throw malformed("truncated varint");
      }
      byte b = array[p++];
      value |= (long) (b & 0x7f) << shift;
      if (b >= 0) {
        at = p;
        return value;
      }
    }
    throw malformed("varint longer than 10 bytes");
  }

  long fixed64(int to) {
    if (to - at < Long.BYTES) {
      throw malformed("truncated fixed64");
    }
    long value = (long) LONG.get(array, at);
    at += Long.BYTES;
    return value;
  }

  int length(int to) {
    long length = varint(to);
    if (length < 0 || length > to - at) {
      throw malformed("invalid length=" + length + " limit=" + (to - at));
    }
    return (int) length;
  }

  int fieldNumber(long tag) {
    long number = tag >>> 3;
    if (number == 0 || number > MAX_FIELD_NUMBER) {
      throw malformed("invalid field number=" + number);
    }
    return (int) number;
  }

  void skip(int wireType, int to) {
    switch (wireType) {
      case VARINT -> varint(to);
      case FIXED64 -> fixed64(to);
      case BYTES -> {
        int length = length(to);
        at += length;
      }
      case FIXED32 -> {
        if (to - at < Integer.BYTES) {
          throw malformed("truncated fixed32");
        }
        at += Integer.BYTES;
      }
      default -> throw malformed("invalid wire type=" + wireType);
    }
  }

  static long longAt(byte[] array, int offset) {
    return (long) LONG.get(array, offset);
  }

  private MalformedEventException malformed(String what) {
    return new MalformedEventException(what, at - origin);
  }
}
