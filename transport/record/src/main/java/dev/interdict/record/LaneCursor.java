package dev.interdict.record;

import dev.interdict.schema.Gap;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.Collection;

/** Reads the frames of one lane and epoch in order, over segments, and notices what is missing. */
final class LaneCursor implements AutoCloseable {
  private final LaneLog log;
  private long next; // the first sequence that has not been read or found missing
  private long previousTime; // of the last frame read; 0 before
  private Segment segment;
  private SegmentScanner scanner;
  private boolean visible; // and is not beyond the head
  private boolean present; // a frame stands at the scanner and was not consumed

  LaneCursor(LaneLog log, long from) {
    this.log = log;
    next = from;
  }

  /** Whether there is a frame that ends at or before the head. Holes before it go to the list. */
  boolean peek(long head, Collection<Hole> holes) throws IOException {
    visible = false;
    while (!present) {
      if (scanner == null && !openSegment(holes)) {
        return false;
      }
      // In this order: when it is closed, its size is final.
      boolean closed = segment.isClosed();
      if (scanner.next(segment.size())) {
        inspect(holes);
      } else if (!closed || !leaveSegment(holes)) {
        return false;
      }
    }
    visible = header().lastSequence() <= head;
    return visible;
  }

  /** Whether the frame that the last peek has found belongs to the batch that begins there. */
  boolean isAt(long batch) {
    return visible && header().firstSequence() == batch;
  }

  FrameHeader header() {
    return scanner.header();
  }

  ByteBuffer frame() {
    return scanner.frame();
  }

  int lane() {
    return log.lane();
  }

  void consume() {
    next = header().lastSequence() + 1;
    previousTime = header().lastTime();
    present = false;
    visible = false;
  }

  @Override
  public void close() throws IOException {
    if (scanner != null) {
      scanner.close();
      scanner = null;
    }
  }

  private boolean openSegment(Collection<Hole> holes) throws IOException {
    while (true) {
      Removed removed = log.removed();
      if (removed.lastSequence() >= next) {
        boolean whole = next <= 1;
        holes.add(
            new Hole(
                Gap.Reason.RETENTION,
                log.lane(),
                next,
                removed.lastSequence(),
                whole ? removed.events() : 0,
                whole,
                previousTime,
                removed.lastTime()));
        next = removed.lastSequence() + 1;
      }
      Segment found = log.segmentFor(next);
      if (found == null) {
        return false;
      }
      try {
        scanner = new SegmentScanner(found);
        scanner.seek(found.index().offsetOf(next));
        segment = found;
        return true;
      } catch (NoSuchFileException e) {
        close();
        if (log.segments().get(found.firstSequence()) == found) {
          throw e; // not retention, which takes a segment out of the log before it deletes it
        }
      }
    }
  }

  private void inspect(Collection<Hole> holes) {
    FrameHeader frame = header();
    if (frame.lastSequence() < next) {
      previousTime = frame.lastTime();
      return;
    }
    if (scanner.skippedBytes() > 0) {
      damaged(frame.firstSequence() - 1, frame.firstTime(), holes);
    }
    present = true;
  }

  /** False if there is nothing after it yet. */
  private boolean leaveSegment(Collection<Hole> holes) throws IOException {
    Segment after = log.after(segment);
    boolean removed = log.removed().lastSequence() >= next;
    if (after == null && !removed) {
      return false;
    }
    if (!removed) {
      if (scanner.end() < segment.size()) {
        damaged(after.firstSequence() - 1, 0, holes);
      }
      next = Math.max(next, after.firstSequence());
    }
    close();
    return true;
  }

  private void damaged(long last, long untilTime, Collection<Hole> holes) {
    if (last >= next) {
      holes.add(
          new Hole(
              Gap.Reason.DAMAGED,
              log.lane(),
              next,
              last,
              Math.max(1, scanner.skippedEvents()),
              false,
              previousTime,
              untilTime));
      next = last + 1;
    }
  }
}
