package dev.interdict.record;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * Copies the frames that have an event of a span of time, as they are, into a directory that reads
 * like a recorder's that was stopped cleanly. Damage between them is copied too, and the mark of
 * what retention took of the span: the copy hides nothing. One thread, beside the recorder's.
 */
final class WindowCopy {
  private final Catalog catalog;
  private final Path to;
  private final long from;
  private final long until;
  private final long maxBytes;
  private long frames;
  private long events;
  private long bytes;
  private long leftOutEvents;
  private boolean full;
  private long lastEpoch;
  private long lastSequence;

  WindowCopy(Catalog catalog, Path to, long from, long until, long maxBytes) {
    this.catalog = catalog;
    this.to = to;
    this.from = from;
    this.until = until;
    this.maxBytes = maxBytes;
  }

  /** Lane by lane, the most worthy first, so that it has the room if there is not enough. */
  RecordedWindow run() throws IOException {
    DurableFiles.replace(to.resolve(Catalog.NODE_FILE), catalog.node() + "\n");
    for (int lane = 0; lane < FrameHeader.MAX_LANES; lane++) {
      for (EpochLog epoch : catalog.epochs().values()) {
        copyLane(epoch.lane(lane));
      }
    }
    DurableFiles.syncDirectory(to);
    DurableFiles.replace(
        to.resolve(RecorderDirectory.CLEAN_FILE),
        "epoch=" + lastEpoch + " last=" + lastSequence + "\n");
    return new RecordedWindow(from, until, frames, events, bytes, leftOutEvents);
  }

  private void copyLane(LaneLog log) throws IOException {
    Path directory = EpochLog.directory(to, log.epoch()).resolve(Integer.toString(log.lane()));
    if (log.removed().lastTime() >= from && log.removed().lastSequence() > 0) {
      Files.createDirectories(directory);
      Files.copy(
          log.directory().resolve(Removed.FILE),
          directory.resolve(Removed.FILE),
          StandardCopyOption.REPLACE_EXISTING);
    }
    boolean any = false;
    for (Segment segment : log.segments().values()) {
      try {
        SegmentIndex index = segment.index();
        if (index.frames() > 0 && index.lastTime() >= from && index.firstTime() <= until) {
          any |= copySegment(segment, directory);
        }
      } catch (NoSuchFileException e) {
        if (log.segments().get(segment.firstSequence()) == segment) {
          throw e; // not retention, which takes a segment out of the log before it deletes it
        }
      }
    }
    if (any) {
      DurableFiles.syncDirectory(directory);
      DurableFiles.syncDirectory(directory.getParent());
    }
  }

  private boolean copySegment(Segment segment, Path directory) throws IOException {
    FileChannel out = null;
    try (SegmentScanner scanner = new SegmentScanner(segment)) {
      boolean closed = segment.isClosed();
      long size = segment.size();
      scanner.seek(segment.index().offsetOf(segment.index().sequenceAt(from)));
      while (scanner.next(size)) {
        FrameHeader frame = scanner.header();
        if (frame.lastTime() < from || frame.firstTime() > until) {
          continue;
        }
        long damaged = out == null ? 0 : scanner.skippedBytes();
        long needed = damaged + frame.frameLength() + (out == null ? Segment.HEADER_LENGTH : 0);
        full |= bytes + needed > maxBytes;
        if (full) {
          leftOutEvents += frame.count();
          continue;
        }
        if (out == null) {
          out = create(segment, frame.firstSequence(), directory);
        }
        copyDamage(segment, scanner.offset() - damaged, damaged, out);
        write(out, scanner.frame());
        frames++;
        events += frame.count();
        note(segment.epoch(), frame.lastSequence());
      }
      if (out != null && closed && !full) {
        copyDamage(segment, scanner.end(), Math.min(size - scanner.end(), maxBytes - bytes), out);
      }
      if (out != null) {
        out.force(true);
      }
      return out != null;
    } finally {
      if (out != null) {
        out.close();
      }
    }
  }

  private FileChannel create(Segment segment, long firstSequence, Path directory)
      throws IOException {
    Files.createDirectories(directory);
    FileChannel out =
        FileChannel.open(
            directory.resolve(Segment.fileName(firstSequence)),
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE);
    write(
        out,
        Segment.header(
            catalog.node(), segment.epoch(), segment.lane(), firstSequence, Clocks.unixNanos()));
    return out;
  }

  private void copyDamage(Segment segment, long offset, long length, FileChannel out)
      throws IOException {
    if (length <= 0) {
      return;
    }
    try (FileChannel in = FileChannel.open(segment.path(), StandardOpenOption.READ)) {
      for (long done = 0; done < length; ) {
        long copied = in.transferTo(offset + done, length - done, out);
        if (copied <= 0) {
          return;
        }
        done += copied;
        bytes += copied;
      }
    }
  }

  private void write(FileChannel out, ByteBuffer from) throws IOException {
    while (from.hasRemaining()) {
      bytes += out.write(from);
    }
  }

  private void note(long epoch, long sequence) {
    if (epoch > lastEpoch) {
      lastEpoch = epoch;
      lastSequence = 0;
    }
    if (epoch == lastEpoch) {
      lastSequence = Math.max(lastSequence, sequence);
    }
  }
}
