package dev.interdict.record;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/**
 * One file of frames of one lane and epoch. The writing thread appends and publishes the size;
 * readers never look beyond it.
 */
final class Segment {
  static final int HEADER_LENGTH = 64;
  static final int MAGIC = 0x31534449; // "IDS1"
  static final int VERSION = 1;
  static final String SUFFIX = ".seg";
  private static final int CHECKSUM_OFFSET = 60;

  private final Path path;
  private final long epoch;
  private final int lane;
  private final long firstSequence;
  private volatile long size;
  private volatile boolean closed;
  private volatile SegmentIndex index;

  private Segment(Path path, long epoch, int lane, long firstSequence, long size) {
    this.path = path;
    this.epoch = epoch;
    this.lane = lane;
    this.firstSequence = firstSequence;
    this.size = size;
  }

  static Segment closed(Path path, long epoch, int lane, long firstSequence, long size) {
    Segment segment = new Segment(path, epoch, lane, firstSequence, size);
    segment.closed = true;
    return segment;
  }

  static Segment create(Path path, long epoch, int lane, long firstSequence) {
    Segment segment = new Segment(path, epoch, lane, firstSequence, HEADER_LENGTH);
    segment.index = new SegmentIndex();
    return segment;
  }

  /** So that a directory listing is in the order of the sequence. */
  static String fileName(long firstSequence) {
    return String.format("%019d%s", firstSequence, SUFFIX);
  }

  static ByteBuffer header(NodeId node, long epoch, int lane, long firstSequence, long created) {
    ByteBuffer header = ByteBuffer.allocate(HEADER_LENGTH).order(ByteOrder.LITTLE_ENDIAN);
    header.putInt(MAGIC).putShort((short) VERSION).put((byte) lane).put((byte) 0);
    header.putLong(node.hi()).putLong(node.lo()).putLong(epoch);
    header.putLong(firstSequence).putLong(created);
    header.putInt(CHECKSUM_OFFSET, checksum(header)).clear();
    return header;
  }

  /** Null where the header is whole and of this segment; otherwise what is wrong with it. */
  String checkHeader(NodeId node) throws IOException {
    ByteBuffer header = ByteBuffer.allocate(HEADER_LENGTH).order(ByteOrder.LITTLE_ENDIAN);
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      while (header.hasRemaining() && channel.read(header, header.position()) >= 0) {
        continue;
      }
    }
    if (header.hasRemaining()) {
      return "truncated segment header: length=" + header.position();
    }
    if (header.getInt(CHECKSUM_OFFSET) != checksum(header)) {
      return "damaged segment header";
    }
    ByteBuffer expected = header(node, epoch, lane, firstSequence, header.getLong(40));
    return header.clear().equals(expected.clear()) ? null : "segment of another recorder or place";
  }

  Path path() {
    return path;
  }

  long epoch() {
    return epoch;
  }

  int lane() {
    return lane;
  }

  long firstSequence() {
    return firstSequence;
  }

  long size() {
    return size;
  }

  /** When it was last written. */
  long modifiedMillis() throws IOException {
    return Files.getLastModifiedTime(path).toMillis();
  }

  boolean isClosed() {
    return closed;
  }

  void publish(long newSize) {
    size = newSize;
  }

  void close() {
    closed = true;
  }

  /** Only before there are readers: what recovery found. */
  void recovered(long wholeBytes, SegmentIndex found) {
    size = wholeBytes;
    index = found;
  }

  /** Only before there are readers: it is to be appended to. */
  void reopen() {
    closed = false;
  }

  /** Made from the file when it is first needed. Another thread may wait for it. */
  SegmentIndex index() throws IOException {
    SegmentIndex found = index;
    return found != null ? found : buildIndex();
  }

  private synchronized SegmentIndex buildIndex() throws IOException {
    if (index == null) {
      SegmentIndex built = new SegmentIndex();
      try (SegmentScanner scanner = new SegmentScanner(this)) {
        while (scanner.next(size)) {
          built.add(scanner.header(), scanner.offset());
        }
      }
      index = built;
    }
    return index;
  }

  private static int checksum(ByteBuffer header) {
    CRC32C crc = new CRC32C();
    crc.update(header.array(), 0, CHECKSUM_OFFSET);
    return (int) crc.getValue();
  }
}
