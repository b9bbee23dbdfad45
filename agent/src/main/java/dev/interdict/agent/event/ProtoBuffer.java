package dev.interdict.agent.event;

import java.nio.ByteBuffer;

/**
 * Writes the protobuf wire format into an array that it keeps. Allocates only to grow, which stops
 * at {@code limit}.
 */
public final class ProtoBuffer {
  private static final byte[] HEX = {
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'
  };
  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int LENGTH = 2;

  private final int limit;
  private byte[] bytes;
  private int end;

  public ProtoBuffer(int initial, int limit) {
    this.bytes = new byte[initial];
    this.limit = limit;
  }

  public byte[] array() {
    return bytes;
  }

  public int length() {
    return end;
  }

  public void clear() {
    end = 0;
  }

  /** Takes back what was written behind {@code length}. */
  public void cut(int length) {
    end = Math.min(end, length);
  }

  private void room(int more) {
    int needed = end + more;
    if (needed > bytes.length) {
      if (needed > limit) {
        throw new IndexOutOfBoundsException("invalid length=" + needed + " limit=" + limit);
      }
      byte[] grown = new byte[Math.min(limit, Math.max(needed, bytes.length * 2))];
      System.arraycopy(bytes, 0, grown, 0, end);
      bytes = grown;
    }
  }

  private void varint(long value) {
    room(10);
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      bytes[end++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    bytes[end++] = (byte) rest;
  }

  /** Left out where it is zero, as proto3 does. */
  public void number(int field, long value) {
    if (value != 0) {
      varint((long) field << 3 | VARINT);
      varint(value);
    }
  }

  /** Of a field with presence: written though it be zero. */
  public void numberAlways(int field, long value) {
    varint((long) field << 3 | VARINT);
    varint(value);
  }

  public void flagAlways(int field, boolean value) {
    numberAlways(field, value ? 1 : 0);
  }

  public void flag(int field, boolean value) {
    number(field, value ? 1 : 0);
  }

  public void signed(int field, int value) {
    number(field, ((value << 1) ^ (value >> 31)) & 0xffff_ffffL);
  }

  /** Left out where it is zero. */
  public void fixed(int field, long value) {
    if (value != 0) {
      fixedAlways(field, value);
    }
  }

  public void fixedAlways(int field, long value) {
    varint((long) field << 3 | FIXED64);
    room(8);
    for (int shift = 0; shift < 64; shift += 8) {
      bytes[end++] = (byte) (value >>> shift);
    }
  }

  /** Begins a nested message; what it returns is for {@link #end}. */
  public int begin(int field) {
    varint((long) field << 3 | LENGTH);
    room(1);
    return ++end;
  }

  /**
   * Ends the message that began at {@code start}: most are short, so one byte was left for the
   * length.
   */
  public void end(int start) {
    int length = end - start;
    int extra = 0;
    for (int rest = length >>> 7; rest != 0; rest >>>= 7) {
      extra++;
    }
    if (extra > 0) {
      room(extra);
      System.arraycopy(bytes, start, bytes, start + extra, length);
      end += extra;
    }
    int at = start - 1;
    int rest = length;
    while ((rest & ~0x7f) != 0) {
      bytes[at++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    bytes[at] = (byte) rest;
  }

  /** Bytes that are encoded already, without tag or length. */
  public void raw(byte[] from, int offset, int length) {
    room(length);
    System.arraycopy(from, offset, bytes, end, length);
    end += length;
  }

  /** A length-delimited field of bytes that are encoded or text already. */
  public void bytes(int field, byte[] from, int offset, int length) {
    varint((long) field << 3 | LENGTH);
    varint(length);
    raw(from, offset, length);
  }

  /** Text made of these bytes; what is not UTF-8 becomes \xNN. Empty text is written too. */
  public void text(int field, byte[] from, int offset, int length) {
    int start = begin(field);
    appendText(from, offset, length);
    end(start);
  }

  public void text(int field, ByteBuffer from, int offset, int length) {
    int start = begin(field);
    appendText(from, offset, length);
    end(start);
  }

  public void ascii(int field, String text) {
    int start = begin(field);
    appendAscii(text);
    end(start);
  }

  public void appendAscii(String text) {
    for (int i = 0; i < text.length(); i++) {
      appendByte(text.charAt(i));
    }
  }

  /** A path that the kernel wrote leaf first, each component ended by a zero. Empty is the root. */
  public void path(int field, ByteBuffer from, int offset, int length) {
    int start = begin(field);
    appendPath(from, offset, length);
    end(start);
  }

  public void appendPath(ByteBuffer from, int offset, int length) {
    if (length <= 1) {
      appendByte('/');
      return;
    }
    int componentEnd = offset + length - 1;
    while (componentEnd > offset) {
      int componentStart = componentEnd;
      while (componentStart > offset && from.get(componentStart - 1) != 0) {
        componentStart--;
      }
      appendByte('/');
      appendText(from, componentStart, componentEnd - componentStart);
      componentEnd = componentStart - 1;
    }
  }

  public void appendByte(int value) {
    room(1);
    bytes[end++] = (byte) value;
  }

  public void appendDecimal(int value) {
    if (value >= 10) {
      appendDecimal(value / 10);
    }
    appendByte('0' + value % 10);
  }

  public void appendHex(int value) {
    if (value >= 16) {
      appendHex(value >>> 4);
    }
    appendByte(HEX[value & 15]);
  }

  public void appendText(ByteBuffer from, int offset, int length) {
    room(length);
    from.get(offset, bytes, end, length);
    finishText(length);
  }

  public void appendText(byte[] from, int offset, int length) {
    room(length);
    System.arraycopy(from, offset, bytes, end, length);
    finishText(length);
  }

  /** The bytes were copied behind {@code end}; nearly always they are good as they are. */
  private void finishText(int length) {
    int invalid = 0;
    int at = end;
    int stop = end + length;
    while (at < stop) {
      int step = bytes[at] >= 0 ? 1 : sequenceLength(at, stop);
      invalid += step == 0 ? 1 : 0;
      at += Math.max(step, 1);
    }
    if (invalid == 0) {
      end = stop;
      return;
    }
    room(length + 3 * invalid);
    // From the back, so that no byte is overwritten before it was read.
    int to = stop + 3 * invalid;
    System.arraycopy(bytes, end, bytes, to - length, length);
    at = to - length;
    int out = end;
    while (at < to) {
      int step = bytes[at] >= 0 ? 1 : sequenceLength(at, to);
      if (step == 0) {
        int value = bytes[at++] & 0xff;
        bytes[out++] = '\\';
        bytes[out++] = 'x';
        bytes[out++] = HEX[value >>> 4];
        bytes[out++] = HEX[value & 15];
      } else {
        for (int i = 0; i < step; i++) {
          bytes[out++] = bytes[at++];
        }
      }
    }
    end = out;
  }

  /** Length of the well-formed sequence of two to four bytes at {@code at}; 0 if it is none. */
  private int sequenceLength(int at, int stop) {
    int first = bytes[at] & 0xff;
    int length = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
    if (length == 0 || at + length > stop) {
      return 0;
    }
    int second = bytes[at + 1] & 0xff;
    int low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    int high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    if (second < low || second > high) {
      return 0;
    }
    for (int i = 2; i < length; i++) {
      if ((bytes[at + i] & 0xc0) != 0x80) {
        return 0;
      }
    }
    return length;
  }
}
