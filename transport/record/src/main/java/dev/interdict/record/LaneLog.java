package dev.interdict.record;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;

/** The segments of one lane in one epoch, and what has been removed from their front. */
final class LaneLog {
  private final Path directory;
  private final long epoch;
  private final int lane;
  private final ConcurrentNavigableMap<Long, Segment> segments = new ConcurrentSkipListMap<>();
  private volatile Removed removed;

  LaneLog(Path directory, long epoch, int lane, Removed removed) {
    this.directory = directory;
    this.epoch = epoch;
    this.lane = lane;
    this.removed = removed;
  }

  Path directory() {
    return directory;
  }

  long epoch() {
    return epoch;
  }

  int lane() {
    return lane;
  }

  Removed removed() {
    return removed;
  }

  ConcurrentNavigableMap<Long, Segment> segments() {
    return segments;
  }

  void add(Segment segment) {
    segments.put(segment.firstSequence(), segment);
  }

  /** The one to look in for this sequence or a later one; null if there is none yet. */
  Segment segmentFor(long sequence) {
    Map.Entry<Long, Segment> found = segments.floorEntry(sequence);
    if (found == null) {
      found = segments.ceilingEntry(sequence);
    }
    return found == null ? null : found.getValue();
  }

  Segment after(Segment segment) {
    Map.Entry<Long, Segment> found = segments.higherEntry(segment.firstSequence());
    return found == null ? null : found.getValue();
  }

  Segment last() {
    Map.Entry<Long, Segment> found = segments.lastEntry();
    return found == null ? null : found.getValue();
  }

  /**
   * Readers learn of the removal before the segment goes, and it survives a crash in between,
   * unless the disk is full.
   */
  void remove(Segment segment) throws IOException {
    SegmentIndex index = segment.index();
    Removed now =
        new Removed(
            Math.max(removed.lastSequence(), index.lastSequence()),
            removed.events() + index.events(),
            Math.max(removed.lastTime(), index.lastTime()));
    Path mark = directory.resolve(Removed.FILE);
    boolean marked = true;
    try {
      DurableFiles.replace(mark, now.text());
    } catch (IOException e) {
      marked = false; // a full disk has no room even for the mark until the segment has gone
    }
    removed = now;
    segments.remove(segment.firstSequence());
    DurableFiles.delete(segment.path());
    if (!marked) {
      DurableFiles.replace(mark, now.text());
    }
  }
}
