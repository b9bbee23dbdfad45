package dev.interdict.record;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The 96 bytes before the body of a frame, little-endian, wherever they stand in a buffer. */
public final class FrameHeader {
  public static final int LENGTH = 96;
  public static final int MAX_BODY_LENGTH = 1 << 20;
  public static final int MAX_FRAME_LENGTH = LENGTH + MAX_BODY_LENGTH;
  public static final int MAX_COUNT = 65_536;

  /** No node comes there, and whoever counts on from it does not overflow. */
  public static final long MAX_SEQUENCE = 1L << 62;

  public static final int MAX_EVENT_LENGTH = 256 << 10;
  public static final int MAX_LANES = 8;

  public static final int MAGIC = 0x31464449; // "IDF1"
  public static final int VERSION = 1;
  public static final int CODEC_NONE = 0;
  public static final int CODEC_ZSTD = 1;

  /** The low byte of the flags: which lanes have a frame in this batch. */
  public static final int FLAG_LANES = 0xff;

  /** Rebuilt with fewer events than the recorder holds, because a reader wanted no more. */
  public static final int FLAG_FILTERED = 0x100;

  /** Made by a reader to tell of a hole; not on the disk. */
  public static final int FLAG_SYNTHETIC = 0x200;

  static final int MAGIC_OFFSET = 0;
  static final int VERSION_OFFSET = 4;
  static final int CODEC_OFFSET = 6;
  static final int LANE_OFFSET = 7;
  static final int HEADER_LENGTH_OFFSET = 8;
  static final int BODY_LENGTH_OFFSET = 12;
  static final int RAW_LENGTH_OFFSET = 16;
  static final int COUNT_OFFSET = 20;
  static final int NODE_HI_OFFSET = 24;
  static final int NODE_LO_OFFSET = 32;
  static final int EPOCH_OFFSET = 40;
  static final int FIRST_SEQUENCE_OFFSET = 48;
  static final int LAST_SEQUENCE_OFFSET = 56;
  static final int FIRST_TIME_OFFSET = 64;
  static final int LAST_TIME_OFFSET = 72;
  static final int KINDS_OFFSET = 80;
  static final int FLAGS_OFFSET = 88;
  static final int SIGNATURE_LENGTH_OFFSET = 90;
  static final int CHECKSUM_OFFSET = 92;

  private static final VarHandle SHORT =
      MethodHandles.byteBufferViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private ByteBuffer buffer;
  private int offset;

  /** The offset is absolute: the buffer's position neither counts nor moves. */
  public FrameHeader wrap(ByteBuffer buffer, int offset) {
    if (offset < 0 || buffer.limit() - offset < LENGTH) {
      throw new InvalidFrameException(
          "truncated frame header: available=" + (buffer.limit() - offset) + " needed=" + LENGTH);
    }
    this.buffer = buffer;
    this.offset = offset;
    return this;
  }

  /** Structure and limits, not the checksum. */
  public FrameHeader validate() {
    check(magic() == MAGIC, "magic", Integer.toHexString(magic()), "31464449");
    check(version() == VERSION, "frame version", version(), VERSION);
    check(headerLength() == LENGTH, "headerLength", headerLength(), LENGTH);
    check(codec() <= CODEC_ZSTD, "codec", codec(), CODEC_ZSTD);
    check(lane() < MAX_LANES, "lane", lane(), MAX_LANES - 1);
    limit("bodyLength", bodyLength(), MAX_BODY_LENGTH);
    limit("rawLength", rawLength(), MAX_BODY_LENGTH);
    limit("count", count(), MAX_COUNT);
    check(
        codec() != CODEC_NONE || bodyLength() == rawLength(),
        "bodyLength of a stored frame",
        bodyLength(),
        rawLength());
    check(firstSequence() >= 1, "firstSequence", firstSequence(), 1);
    check(lastSequence() >= firstSequence(), "lastSequence", lastSequence(), firstSequence());
    check(lastSequence() <= MAX_SEQUENCE, "lastSequence", lastSequence(), MAX_SEQUENCE);
    check(
        count() - 1 <= lastSequence() - firstSequence(),
        "count",
        count(),
        lastSequence() - firstSequence() + 1);
    check(signatureLength() == 0, "signatureLength", signatureLength(), 0);
    return this;
  }

  public int magic() {
    return (int) INT.get(buffer, offset + MAGIC_OFFSET);
  }

  public int version() {
    return (short) SHORT.get(buffer, offset + VERSION_OFFSET) & 0xffff;
  }

  public int codec() {
    return buffer.get(offset + CODEC_OFFSET) & 0xff;
  }

  public int lane() {
    return buffer.get(offset + LANE_OFFSET) & 0xff;
  }

  public int headerLength() {
    return (int) INT.get(buffer, offset + HEADER_LENGTH_OFFSET);
  }

  public int bodyLength() {
    return (int) INT.get(buffer, offset + BODY_LENGTH_OFFSET);
  }

  public int frameLength() {
    return LENGTH + bodyLength();
  }

  /** Of the body before compression. */
  public int rawLength() {
    return (int) INT.get(buffer, offset + RAW_LENGTH_OFFSET);
  }

  public int count() {
    return (int) INT.get(buffer, offset + COUNT_OFFSET);
  }

  public NodeId node() {
    return new NodeId(nodeHi(), nodeLo());
  }

  public long nodeHi() {
    return (long) LONG.get(buffer, offset + NODE_HI_OFFSET);
  }

  public long nodeLo() {
    return (long) LONG.get(buffer, offset + NODE_LO_OFFSET);
  }

  public long epoch() {
    return (long) LONG.get(buffer, offset + EPOCH_OFFSET);
  }

  /** Of the range that the frame covers, whether or not an event has that number. */
  public long firstSequence() {
    return (long) LONG.get(buffer, offset + FIRST_SEQUENCE_OFFSET);
  }

  public long lastSequence() {
    return (long) LONG.get(buffer, offset + LAST_SEQUENCE_OFFSET);
  }

  /** The earliest time of its events; they need not be in the order of their times. */
  public long firstTime() {
    return (long) LONG.get(buffer, offset + FIRST_TIME_OFFSET);
  }

  public long lastTime() {
    return (long) LONG.get(buffer, offset + LAST_TIME_OFFSET);
  }

  public long kinds() {
    return (long) LONG.get(buffer, offset + KINDS_OFFSET);
  }

  public int flags() {
    return (short) SHORT.get(buffer, offset + FLAGS_OFFSET) & 0xffff;
  }

  public int signatureLength() {
    return (short) SHORT.get(buffer, offset + SIGNATURE_LENGTH_OFFSET) & 0xffff;
  }

  public int checksum() {
    return (int) INT.get(buffer, offset + CHECKSUM_OFFSET);
  }

  FrameHeader putByte(int at, int value) {
    buffer.put(offset + at, (byte) value);
    return this;
  }

  FrameHeader putShort(int at, int value) {
    SHORT.set(buffer, offset + at, (short) value);
    return this;
  }

  FrameHeader putInt(int at, int value) {
    INT.set(buffer, offset + at, value);
    return this;
  }

  FrameHeader putLong(int at, long value) {
    LONG.set(buffer, offset + at, value);
    return this;
  }

  private static void limit(String name, int value, int limit) {
    if (value < 1 || value > limit) {
      throw new InvalidFrameException("invalid " + name + "=" + value + " limit=" + limit);
    }
  }

  private static void check(boolean valid, String name, Object value, Object expected) {
    if (!valid) {
      throw new InvalidFrameException("invalid " + name + "=" + value + " expected=" + expected);
    }
  }
}
