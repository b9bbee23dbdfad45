package dev.interdict.record;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Appends frames to the segments of one lane. All by the writing thread, but {@link #sync}, which
 * any thread may call.
 */
final class LaneWriter {
  private final LaneLog log;
  private final NodeId node;
  private final long segmentBytes;
  private final long maxAgeMillis;
  private final FrameHeader header = new FrameHeader();
  private final Queue<FileChannel> retired = new ConcurrentLinkedQueue<>();

  private Segment segment;
  private SegmentIndex index;
  private long size;
  private long createdMillis;
  private volatile FileChannel channel;
  private volatile long written; // over all segments
  private volatile boolean fileCreated;
  private long synced;

  LaneWriter(LaneLog log, NodeId node, long segmentBytes, long maxAgeMillis) {
    this.log = log;
    this.node = node;
    this.segmentBytes = segmentBytes;
    this.maxAgeMillis = maxAgeMillis;
  }

  /** Goes on where a clean stop has left off. */
  void resume() throws IOException {
    Segment last = log.last();
    if (last != null) {
      last.reopen();
      segment = last;
      index = last.index();
      size = last.size();
      createdMillis = last.modifiedMillis();
      channel = FileChannel.open(last.path(), StandardOpenOption.WRITE);
    }
  }

  /** If it fails, nothing was appended. */
  void write(ByteBuffer frame) throws IOException {
    header.wrap(frame, frame.position());
    if (channel == null) {
      create(header.firstSequence());
    }
    long end = size;
    while (frame.hasRemaining()) {
      end += channel.write(frame, end);
    }
    index.add(header, size);
    written += end - size;
    size = end;
  }

  /** Lets readers see what was written. */
  void publish() {
    if (channel != null) {
      segment.publish(size);
      if (size >= segmentBytes) {
        roll();
      }
    }
  }

  /** So that retention by age can take segments that never fill. The clock may be set back. */
  void rollIfOlder(long nowMillis) {
    if (channel != null && Math.abs(nowMillis - createdMillis) > maxAgeMillis) {
      roll();
    }
  }

  synchronized void sync() throws IOException {
    while (!retired.isEmpty()) {
      try (FileChannel old = retired.remove()) {
        old.force(true);
      }
    }
    if (fileCreated) {
      fileCreated = false;
      DurableFiles.syncDirectory(log.directory());
    }
    long target = written;
    FileChannel current = channel;
    if (current != null && target != synced) {
      current.force(false);
      synced = target;
    }
  }

  synchronized void close() throws IOException {
    sync();
    if (channel != null) {
      try (FileChannel last = channel) {
        last.truncate(size); // what a failed write may have left behind
        last.force(true);
      }
      channel = null;
    }
  }

  private void create(long firstSequence) throws IOException {
    Path path = log.directory().resolve(Segment.fileName(firstSequence));
    FileChannel created =
        FileChannel.open(
            path,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE);
    try {
      ByteBuffer head =
          Segment.header(node, log.epoch(), log.lane(), firstSequence, Clocks.unixNanos());
      while (head.hasRemaining()) {
        created.write(head);
      }
    } catch (IOException e) {
      created.close();
      Files.deleteIfExists(path);
      throw e;
    }
    segment = Segment.create(path, log.epoch(), log.lane(), firstSequence);
    index = segment.index();
    size = Segment.HEADER_LENGTH;
    createdMillis = System.currentTimeMillis();
    log.add(segment);
    fileCreated = true;
    channel = created;
  }

  private void roll() {
    segment.close();
    FileChannel full = channel;
    channel = null; // first, or a sync could find it here after it was closed there
    retired.add(full);
  }
}
