package dev.interdict.record;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import dev.interdict.schema.Kinds;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * Builds one frame after the other in buffers of its own, which grow to about twice the largest
 * body. One thread.
 */
public final class FrameEncoder implements AutoCloseable {
  private static final int INITIAL_CAPACITY = 64 << 10;
  private static final int MAX_VARINT_LENGTH = 10;

  /** Below this, zstd costs more time than it saves bytes. */
  private static final int MIN_COMPRESSED = 256;

  private static final int LEVEL = 1;

  private final ZstdCompressCtx zstd;
  private final boolean owner;
  private final CRC32C crc = new CRC32C();
  private final FrameHeader header = new FrameHeader();

  // Both keep room for the header in front, so that neither body is ever copied.
  private ByteBuffer raw = ByteBuffer.allocateDirect(INITIAL_CAPACITY);
  private ByteBuffer compressed = ByteBuffer.allocateDirect(INITIAL_CAPACITY);

  private NodeId node;
  private long epoch;
  private int lane;
  private long firstSequence;
  private long previous;
  private int count;
  private long kinds;
  private long firstTime;
  private long lastTime;

  public FrameEncoder() {
    this(compressor(), true);
  }

  /** Compresses by what others use too, one at a time: it takes more than a megabyte. */
  FrameEncoder(ZstdCompressCtx shared) {
    this(shared, false);
  }

  private FrameEncoder(ZstdCompressCtx zstd, boolean owner) {
    this.zstd = zstd;
    this.owner = owner;
  }

  static ZstdCompressCtx compressor() {
    return new ZstdCompressCtx().setLevel(LEVEL);
  }

  public void begin(NodeId node, long epoch, int lane, long firstSequence) {
    this.node = node;
    this.epoch = epoch;
    this.lane = lane;
    this.firstSequence = firstSequence;
    previous = firstSequence - 1;
    count = 0;
    kinds = 0;
    firstTime = Long.MAX_VALUE;
    lastTime = Long.MIN_VALUE;
    raw.clear().position(FrameHeader.LENGTH);
  }

  /** False if the frame has no room for it; then finish and begin another. */
  public boolean add(long sequence, byte[] event, int offset, int length) {
    if (!admit(sequence, length)) {
      return false;
    }
    int mark = putPrefix(sequence, length);
    raw.put(event, offset, length);
    account(sequence, length, mark);
    return true;
  }

  public boolean add(long sequence, ByteBuffer event, int offset, int length) {
    if (!admit(sequence, length)) {
      return false;
    }
    int mark = putPrefix(sequence, length);
    raw.put(raw.position(), event, offset, length);
    raw.position(raw.position() + length);
    account(sequence, length, mark);
    return true;
  }

  public int count() {
    return count;
  }

  /** The frame, between position and limit, valid until the next begin. There must be an event. */
  public ByteBuffer finish(long lastSequence, int flags) {
    if (count == 0) {
      throw new IllegalStateException("empty frame firstSequence=" + firstSequence);
    }
    int rawLength = raw.position() - FrameHeader.LENGTH;
    int bodyLength = rawLength < MIN_COMPRESSED ? rawLength : compress(rawLength);
    boolean stored = bodyLength >= rawLength;
    ByteBuffer frame = stored ? raw : compressed;
    frame.clear().limit(FrameHeader.LENGTH + (stored ? rawLength : bodyLength));
    header
        .wrap(frame, 0)
        .putInt(FrameHeader.MAGIC_OFFSET, FrameHeader.MAGIC)
        .putShort(FrameHeader.VERSION_OFFSET, FrameHeader.VERSION)
        .putByte(FrameHeader.CODEC_OFFSET, stored ? FrameHeader.CODEC_NONE : FrameHeader.CODEC_ZSTD)
        .putByte(FrameHeader.LANE_OFFSET, lane)
        .putInt(FrameHeader.HEADER_LENGTH_OFFSET, FrameHeader.LENGTH)
        .putInt(FrameHeader.BODY_LENGTH_OFFSET, stored ? rawLength : bodyLength)
        .putInt(FrameHeader.RAW_LENGTH_OFFSET, rawLength)
        .putInt(FrameHeader.COUNT_OFFSET, count)
        .putLong(FrameHeader.NODE_HI_OFFSET, node.hi())
        .putLong(FrameHeader.NODE_LO_OFFSET, node.lo())
        .putLong(FrameHeader.EPOCH_OFFSET, epoch)
        .putLong(FrameHeader.FIRST_SEQUENCE_OFFSET, firstSequence)
        .putLong(FrameHeader.LAST_SEQUENCE_OFFSET, lastSequence)
        .putLong(FrameHeader.FIRST_TIME_OFFSET, firstTime)
        .putLong(FrameHeader.LAST_TIME_OFFSET, lastTime)
        .putLong(FrameHeader.KINDS_OFFSET, kinds)
        .putShort(FrameHeader.FLAGS_OFFSET, flags)
        .putShort(FrameHeader.SIGNATURE_LENGTH_OFFSET, 0);
    header.putInt(FrameHeader.CHECKSUM_OFFSET, Checksum.of(crc, frame, 0, frame.limit()));
    return frame;
  }

  @Override
  public void close() {
    if (owner) {
      zstd.close();
    }
  }

  private boolean admit(long sequence, int length) {
    if (length < 1 || length > FrameHeader.MAX_EVENT_LENGTH) {
      throw new IllegalArgumentException(
          "invalid eventLength=" + length + " limit=" + FrameHeader.MAX_EVENT_LENGTH);
    }
    if (sequence <= previous) {
      throw new IllegalArgumentException("invalid sequence=" + sequence + " previous=" + previous);
    }
    int needed = raw.position() + 2 * MAX_VARINT_LENGTH + length;
    if (count == FrameHeader.MAX_COUNT || needed > FrameHeader.MAX_FRAME_LENGTH) {
      return false;
    }
    if (needed > raw.capacity()) {
      int capacity = Math.min(FrameHeader.MAX_FRAME_LENGTH, Math.max(2 * raw.capacity(), needed));
      raw = ByteBuffer.allocateDirect(capacity).put(raw.flip());
    }
    return true;
  }

  private int putPrefix(long sequence, int length) {
    int mark = raw.position();
    Varints.put(raw, sequence - previous);
    Varints.put(raw, length);
    return mark;
  }

  private void account(long sequence, int length, int mark) {
    int start = raw.position() - length;
    if (!EventPrefix.isAt(raw, start, length)) {
      raw.position(mark);
      throw new IllegalArgumentException(
          "event does not begin with time and kind: sequence=" + sequence + " length=" + length);
    }
    long time = EventPrefix.timeAt(raw, start);
    kinds |= Kinds.bit(EventPrefix.kindAt(raw, start));
    firstTime = Math.min(firstTime, time);
    lastTime = Math.max(lastTime, time);
    previous = sequence;
    count++;
  }

  private int compress(int rawLength) {
    int bound = Math.toIntExact(Zstd.compressBound(rawLength));
    if (compressed.capacity() < FrameHeader.LENGTH + bound) {
      compressed = ByteBuffer.allocateDirect(FrameHeader.LENGTH + bound);
    }
    compressed.clear();
    return zstd.compressDirectByteBuffer(
        compressed, FrameHeader.LENGTH, bound, raw, FrameHeader.LENGTH, rawLength);
  }
}
