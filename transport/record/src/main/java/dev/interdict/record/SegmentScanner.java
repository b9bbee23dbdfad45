package dev.interdict.record;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/**
 * Steps through the frames of one segment, over damaged ones to the next that is whole. It holds
 * the file open, so a segment that is removed meanwhile can be read to its end. One thread.
 */
final class SegmentScanner implements AutoCloseable {
  private static final int WINDOW = 256 << 10;

  private final Segment segment;
  private final FileChannel channel;
  private final FrameHeader header = new FrameHeader();
  private final FrameHeader candidate = new FrameHeader(); // valid until the next load
  private final CRC32C crc = new CRC32C();
  private ByteBuffer window;
  private long windowStart;
  private long at = Segment.HEADER_LENGTH; // where the next frame should begin
  private long offset;
  private long skippedBytes;
  private long skippedEvents;

  SegmentScanner(Segment segment) throws IOException {
    this.segment = segment;
    channel = FileChannel.open(segment.path(), StandardOpenOption.READ);
    long useful = segment.isClosed() ? segment.size() : WINDOW;
    int capacity = (int) Math.min(WINDOW, Math.max(FrameHeader.LENGTH, useful));
    window = ByteBuffer.allocateDirect(capacity).limit(0);
  }

  void seek(long newOffset) {
    at = newOffset;
  }

  /** False: no whole frame stands between here and the limit; more bytes may change that. */
  boolean next(long limit) throws IOException {
    long from = at;
    long found = accept(from, limit) ? from : resynchronize(from, limit);
    if (found < 0) {
      return false;
    }
    offset = found;
    skippedBytes = found - from;
    at = found + header.frameLength();
    return true;
  }

  FrameHeader header() {
    return header;
  }

  /** Valid until the next call of next. */
  ByteBuffer frame() {
    int start = (int) (offset - windowStart);
    return window.duplicate().limit(start + header.frameLength()).position(start);
  }

  long offset() {
    return offset;
  }

  /** The end of the last whole frame. */
  long end() {
    return at;
  }

  /** Damaged bytes between the frame before and this one. */
  long skippedBytes() {
    return skippedBytes;
  }

  /** How many events those held at least. */
  long skippedEvents() {
    return skippedBytes == 0 ? 0 : skippedEvents;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  /** If the damage is inside a body, its header still tells where the next frame begins. */
  private long resynchronize(long from, long limit) throws IOException {
    skippedEvents = 1;
    if (plausible(from, limit)) {
      skippedEvents = candidate.count();
      long next = from + candidate.frameLength();
      if (accept(next, limit)) {
        return next;
      }
    }
    for (long p = from + 1; p + FrameHeader.LENGTH <= limit; p++) {
      if (load(p, FrameHeader.LENGTH, limit)
          && candidate.wrap(window, (int) (p - windowStart)).magic() == FrameHeader.MAGIC
          && accept(p, limit)) {
        return p;
      }
    }
    return -1;
  }

  private boolean accept(long p, long limit) throws IOException {
    if (!plausible(p, limit) || !load(p, candidate.frameLength(), limit)) {
      return false;
    }
    int start = (int) (p - windowStart);
    header.wrap(window, start);
    return Checksum.of(crc, window, start, header.frameLength()) == header.checksum();
  }

  private boolean plausible(long p, long limit) throws IOException {
    if (!load(p, FrameHeader.LENGTH, limit)) {
      return false;
    }
    try {
      candidate.wrap(window, (int) (p - windowStart)).validate();
    } catch (InvalidFrameException e) {
      return false;
    }
    return candidate.epoch() == segment.epoch()
        && candidate.lane() == segment.lane()
        && candidate.firstSequence() >= segment.firstSequence()
        && p + candidate.frameLength() <= limit;
  }

  /** Brings the bytes into the window. False if the file does not have them below the limit. */
  private boolean load(long p, int length, long limit) throws IOException {
    if (p + length > limit) {
      return false;
    }
    if (p >= windowStart && p + length <= windowStart + window.limit()) {
      return true;
    }
    if (length > window.capacity()) {
      window = ByteBuffer.allocateDirect(FrameHeader.MAX_FRAME_LENGTH);
    }
    window.clear().limit((int) Math.min(window.capacity(), limit - p));
    windowStart = p;
    while (window.hasRemaining()) {
      if (channel.read(window, p + window.position()) < 0) {
        break;
      }
    }
    window.flip();
    return window.limit() >= length;
  }
}
