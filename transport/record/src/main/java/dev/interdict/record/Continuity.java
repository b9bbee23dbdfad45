package dev.interdict.record;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Looks for the first batch at the end of an epoch of which not all is there. A batch names the
 * lanes that it has frames in, and batches join on to each other, so that a lane's lost tail, a
 * lost file and a lost batch are all found out by what is left.
 */
final class Continuity {
  /**
   * Of the files only the last may lack something, and the disk may have taken them in any order.
   */
  private static final long UNSYNCED_MILLIS = Duration.ofSeconds(10).toMillis();

  private final EpochLog epoch;
  private final List<List<Segment>> recent = new ArrayList<>();

  private Continuity(EpochLog epoch) {
    this.epoch = epoch;
  }

  /** To be called before anything is changed: which files are recent is told by their times. */
  static Continuity of(EpochLog epoch) throws IOException {
    Continuity continuity = new Continuity(epoch);
    long newest = Long.MIN_VALUE;
    for (int lane = 0; lane < epoch.lanes(); lane++) {
      Segment last = epoch.lane(lane).last();
      newest = Math.max(newest, last == null ? newest : last.modifiedMillis());
    }
    for (int lane = 0; lane < epoch.lanes(); lane++) {
      List<Segment> segments = new ArrayList<>();
      for (Segment segment : epoch.lane(lane).segments().descendingMap().values()) {
        segments.add(0, segment);
        boolean beforeThem = segment.modifiedMillis() < newest - UNSYNCED_MILLIS;
        if (beforeThem && segments.size() > 1) {
          break; // the one that was written to when the first of them was begun
        }
      }
      continuity.recent.add(segments);
    }
    return continuity;
  }

  /** Events from this time on may be missing; Long.MAX_VALUE if none is. */
  long lossTime() throws IOException {
    List<Walk> walks = new ArrayList<>();
    try {
      long joined = 1; // from here on all lanes are looked at
      for (int lane = 0; lane < epoch.lanes(); lane++) {
        Walk walk = new Walk(epoch.lane(lane), recent.get(lane));
        walks.add(walk);
        joined = Math.max(joined, walk.start);
        walk.advance();
      }
      return walk(walks, joined);
    } finally {
      for (Walk walk : walks) {
        walk.close();
      }
    }
  }

  private static long walk(List<Walk> walks, long joined) throws IOException {
    long expected = joined;
    long previousTime = Long.MIN_VALUE;
    while (true) {
      long first = Long.MAX_VALUE;
      for (Walk walk : walks) {
        first = Math.min(first, walk.first());
      }
      if (first == Long.MAX_VALUE) {
        return Long.MAX_VALUE;
      }
      int present = 0;
      int named = 0;
      long last = 0;
      long firstTime = Long.MAX_VALUE;
      long lastTime = Long.MIN_VALUE;
      for (int lane = 0; lane < walks.size(); lane++) {
        Walk walk = walks.get(lane);
        if (walk.first() == first) {
          present |= 1 << lane;
          named |= walk.header().flags() & 0xff;
          last = Math.max(last, walk.header().lastSequence());
          firstTime = Math.min(firstTime, walk.header().firstTime());
          lastTime = Math.max(lastTime, walk.header().lastTime());
          walk.advance();
        }
      }
      // What is missing of a batch may be older than what is there.
      if (first > expected) {
        return Math.min(previousTime, firstTime);
      }
      for (int lane = 0; lane < walks.size(); lane++) {
        if ((named & ~present & 1 << lane) != 0 && first >= walks.get(lane).start) {
          return Math.min(previousTime, firstTime);
        }
      }
      expected = Math.max(expected, last + 1);
      previousTime = lastTime;
    }
  }

  /** Through the recent frames of a lane. */
  private static final class Walk implements AutoCloseable {
    /** Nothing before it is looked at. */
    final long start;

    private final List<Segment> segments;
    private int next;
    private SegmentScanner scanner;
    private Segment segment;
    private boolean present;

    Walk(LaneLog lane, List<Segment> recent) {
      segments = recent.stream().filter(lane.segments()::containsValue).toList();
      Map.Entry<Long, Segment> oldest = lane.segments().firstEntry();
      boolean all = oldest == null || segments.contains(oldest.getValue());
      start =
          all || segments.isEmpty()
              ? lane.removed().lastSequence() + 1
              : segments.get(0).firstSequence();
    }

    long first() {
      return present ? header().firstSequence() : Long.MAX_VALUE;
    }

    FrameHeader header() {
      return scanner.header();
    }

    void advance() throws IOException {
      while (true) {
        if (scanner == null) {
          if (next == segments.size()) {
            present = false;
            return;
          }
          segment = segments.get(next++);
          scanner = new SegmentScanner(segment);
        }
        if (scanner.next(segment.size())) {
          present = true;
          return;
        }
        close();
      }
    }

    @Override
    public void close() throws IOException {
      if (scanner != null) {
        scanner.close();
        scanner = null;
      }
    }
  }
}
