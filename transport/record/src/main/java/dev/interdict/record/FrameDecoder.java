package dev.interdict.record;

import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import dev.interdict.schema.EventView;
import dev.interdict.schema.Kinds;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * Reads the events of one frame after the other. One thread. What {@code array} holds is valid
 * until the next wrap. Every method that reads may throw InvalidFrameException.
 */
public final class FrameDecoder implements AutoCloseable {
  private static final int INITIAL_CAPACITY = 64 << 10;

  private final ZstdDecompressCtx zstd = new ZstdDecompressCtx();
  private final CRC32C crc = new CRC32C();
  private final FrameHeader header = new FrameHeader();
  private byte[] raw = new byte[INITIAL_CAPACITY];
  private byte[] body = {}; // only for buffers that are neither direct nor writable arrays

  private int end;
  private int at;
  private int remaining;
  private long lastSequence;
  private long sequence;
  private int offset;
  private int length;

  /** The frame stands between position and limit, which do not move; there is nothing else. */
  public FrameDecoder wrap(ByteBuffer frame) {
    int start = frame.position();
    header.wrap(frame, start).validate();
    if (header.frameLength() != frame.remaining()) {
      throw new InvalidFrameException(
          "invalid frameLength=" + frame.remaining() + " expected=" + header.frameLength());
    }
    int checksum = Checksum.of(crc, frame, start, header.frameLength());
    if (checksum != header.checksum()) {
      throw new InvalidFrameException(
          String.format(
              "invalid checksum=%08x expected=%08x firstSequence=%d",
              checksum, header.checksum(), header.firstSequence()));
    }
    int rawLength = header.rawLength();
    if (raw.length < rawLength) {
      raw = new byte[Math.min(FrameHeader.MAX_BODY_LENGTH, Math.max(2 * raw.length, rawLength))];
    }
    if (header.codec() == FrameHeader.CODEC_ZSTD) {
      decompress(frame, start + FrameHeader.LENGTH, header.bodyLength(), rawLength);
    } else {
      frame.get(start + FrameHeader.LENGTH, raw, 0, rawLength);
    }
    at = 0;
    end = rawLength;
    remaining = header.count();
    sequence = header.firstSequence() - 1;
    lastSequence = header.lastSequence();
    return this;
  }

  /** Of the frame as it stands in the buffer that was wrapped. */
  public FrameHeader header() {
    return header;
  }

  public boolean next() {
    if (remaining == 0) {
      if (at != end) {
        throw new InvalidFrameException("bytes after the last event: " + (end - at));
      }
      return false;
    }
    remaining--;
    long delta = varint();
    if (delta < 1 || delta > lastSequence - sequence) {
      throw new InvalidFrameException(
          "invalid sequence delta=" + delta + " limit=" + (lastSequence - sequence));
    }
    sequence += delta;
    long size = varint();
    if (size < EventPrefix.LENGTH || size > Math.min(end - at, FrameHeader.MAX_EVENT_LENGTH)) {
      throw new InvalidFrameException(
          "invalid eventLength="
              + size
              + " limit="
              + Math.min(end - at, FrameHeader.MAX_EVENT_LENGTH));
    }
    offset = at;
    length = (int) size;
    at += length;
    if (!EventView.beginsEvent(raw, offset, length)) {
      throw new InvalidFrameException(
          "event does not begin with time and kind: sequence=" + sequence);
    }
    if (kind() < 0 || kind() >= Kinds.LIMIT) {
      throw new InvalidFrameException("invalid kind=" + kind() + " limit=" + (Kinds.LIMIT - 1));
    }
    return true;
  }

  public long sequence() {
    return sequence;
  }

  public int kind() {
    return EventView.kindOf(raw, offset);
  }

  public long time() {
    return EventView.timeOf(raw, offset);
  }

  public byte[] array() {
    return raw;
  }

  public int offset() {
    return offset;
  }

  public int length() {
    return length;
  }

  @Override
  public void close() {
    zstd.close();
  }

  private void decompress(ByteBuffer frame, int start, int bodyLength, int rawLength) {
    int written;
    try {
      if (frame.isDirect()) {
        written =
            zstd.decompressDirectByteBufferToByteArray(raw, 0, rawLength, frame, start, bodyLength);
      } else if (frame.hasArray()) {
        written =
            zstd.decompressByteArray(
                raw, 0, rawLength, frame.array(), frame.arrayOffset() + start, bodyLength);
      } else {
        if (body.length < bodyLength) {
          body = new byte[bodyLength];
        }
        frame.get(start, body, 0, bodyLength);
        written = zstd.decompressByteArray(raw, 0, rawLength, body, 0, bodyLength);
      }
    } catch (ZstdException e) {
      throw new InvalidFrameException("body is not zstd: " + e.getMessage());
    }
    if (written != rawLength) {
      throw new InvalidFrameException("invalid rawLength=" + rawLength + " found=" + written);
    }
  }

  private long varint() {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (at >= end) {
        throw new InvalidFrameException("truncated varint at rawLength=" + end);
      }
      byte b = raw[at++];
      value |= (long) (b & 0x7f) << shift;
      if (b >= 0) {
        return value;
      }
    }
    throw new InvalidFrameException("varint longer than 10 bytes");
  }
}
