package dev.interdict.record;

import dev.interdict.schema.Kind;
import dev.interdict.schema.Kinds;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Reads a recorder in the order of its sequence, through all its epochs. Only the lanes of the
 * wanted kinds are read. One thread. The buffers given are valid until the next call of next.
 */
public final class RecorderReader implements AutoCloseable {
  private static final long ALWAYS = Kinds.bit(Kind.GAP);

  /** So that a reader who wants little still hears in time how far it has come. */
  private static final int MAX_SKIPPED_BATCHES = 256;

  private final Catalog catalog;
  private final long kinds;
  private final FrameFilter filter;
  private final GapPlacer gaps;
  private final List<LaneCursor> cursors = new ArrayList<>();
  private final List<ByteBuffer> frames = new ArrayList<>();

  private EpochLog log;
  private long position; // the next sequence to be covered
  private long seekTime = Long.MIN_VALUE; // until the first event at or after it was found
  private long firstSequence;
  private long lastSequence;
  private long time;

  private RecorderReader(Catalog catalog, long kinds, EventPredicate wanted) {
    this.catalog = catalog;
    this.kinds = kinds | ALWAYS;
    filter = new FrameFilter(this.kinds, wanted);
    gaps = new GapPlacer(catalog.node());
  }

  static RecorderReader at(
      Catalog catalog, long epoch, long sequence, long kinds, EventPredicate wanted)
      throws IOException {
    if (sequence < 1) {
      throw new IllegalArgumentException("invalid sequence=" + sequence + " expected>=1");
    }
    EpochLog last = catalog.last();
    if (last == null || epoch > last.epoch()) {
      throw new IllegalArgumentException(
          "position is ahead of the recorder: epoch="
              + epoch
              + " current="
              + (last == null ? "none" : last.epoch()));
    }
    EpochLog found = catalog.epochs().get(epoch);
    if (found != null && found.isCurrent() && sequence - 1 > found.headSequence()) {
      throw new IllegalArgumentException(
          "position is ahead of the recorder: sequence="
              + sequence
              + " head="
              + found.headSequence());
    }
    RecorderReader reader = new RecorderReader(catalog, kinds, wanted);
    if (found == null) {
      reader.gaps.forgottenEpoch(sequence);
      found = new EpochLog(epoch, false, new LaneLog[0]);
    }
    reader.enter(found, sequence);
    return reader;
  }

  static RecorderReader atTime(Catalog catalog, long time, long kinds, EventPredicate wanted)
      throws IOException {
    RecorderReader reader = new RecorderReader(catalog, kinds, wanted);
    EpochLog found = catalog.first();
    if (found == null) {
      throw new IllegalArgumentException("recorder is empty: " + catalog.directory());
    }
    while (!found.isCurrent() && found.lastTime() < time) {
      EpochLog next = catalog.after(found.epoch());
      if (next == null) {
        break;
      }
      found = next;
    }
    reader.seekTime = time;
    reader.enter(found, 1);
    return reader;
  }

  /**
   * Goes on to the next batch. False: at the head; call again after a flush. Gaps are delivered
   * whatever the kinds, those of damage and retention in frames made here.
   */
  public boolean next() throws IOException {
    frames.clear();
    firstSequence = position;
    int skipped = 0;
    while (true) {
      long headTime = log.headTime();
      long head = log.headSequence();
      long batch = peek(head);
      long gapEnd = gaps.endBefore(batch, position);
      if (gapEnd != GapPlacer.NONE) {
        gaps.place(log.epoch(), position, gapEnd, frames);
        cover(gapEnd);
      } else if (batch != Long.MAX_VALUE) {
        takeBatch(batch);
      } else if (log.isCurrent()) {
        return catchUp(head, headTime);
      } else {
        EpochLog next = catalog.after(log.epoch());
        if (next == null) {
          return position > firstSequence;
        }
        enter(next, 1);
        firstSequence = 1;
        continue;
      }
      if (!frames.isEmpty() || ++skipped == MAX_SKIPPED_BATCHES) {
        return true;
      }
    }
  }

  public long epoch() {
    return log.epoch();
  }

  /** The range that this batch covers; it joins on to the one before, whatever its frames say. */
  public long firstSequence() {
    return firstSequence;
  }

  public long lastSequence() {
    return lastSequence;
  }

  /** The latest event time that was seen up to here, wanted or not. */
  public long time() {
    return time;
  }

  /** 0: everything in the range was filtered out. */
  public int frames() {
    return frames.size();
  }

  /** Between position and limit; valid until the next call of next. */
  public ByteBuffer frame(int index) {
    return frames.get(index);
  }

  /** Where a reader must start to go on after this batch. */
  public Position resume() {
    return new Position(catalog.node(), log.epoch(), position);
  }

  @Override
  public void close() throws IOException {
    leave();
    filter.close();
    gaps.close();
  }

  private void enter(EpochLog next, long from) throws IOException {
    leave();
    log = next;
    filter.from(from);
    long first = Long.MAX_VALUE;
    for (int lane = 0; lane < next.lanes(); lane++) {
      if (wantsLane(kinds, lane)) {
        long start = startOf(next.lane(lane), from);
        first = Math.min(first, start);
        cursors.add(new LaneCursor(next.lane(lane), start));
      }
    }
    position = cursors.isEmpty() ? from : first;
  }

  private void leave() throws IOException {
    for (LaneCursor cursor : cursors) {
      cursor.close();
    }
    cursors.clear();
  }

  /** A lane that has no kinds of ours by the schema may still be used by a log of its own kinds. */
  static boolean wantsLane(long kinds, int lane) {
    if (kinds == Kinds.ALL) {
      return true;
    }
    for (int kind = 0; kind < Kinds.LIMIT; kind++) {
      if ((kinds >>> kind & 1) != 0 && Kinds.laneOf(kind).getNumber() == lane) {
        return true;
      }
    }
    return false;
  }

  private long startOf(LaneLog lane, long from) throws IOException {
    if (seekTime == Long.MIN_VALUE || lane.removed().lastTime() >= seekTime) {
      return from;
    }
    long start = lane.removed().lastSequence() + 1;
    for (Map.Entry<Long, Segment> entry : lane.segments().descendingMap().entrySet()) {
      SegmentIndex index = entry.getValue().index();
      start = Math.max(start, index.sequenceAt(seekTime));
      if (index.firstTime() < seekTime) {
        break;
      }
      start = lane.removed().lastSequence() + 1;
    }
    return Math.max(from, start);
  }

  /** Where the next batch begins; Long.MAX_VALUE if there is none. */
  private long peek(long head) throws IOException {
    long first = Long.MAX_VALUE;
    for (LaneCursor cursor : cursors) {
      if (cursor.peek(head, gaps.pending())) {
        first = Math.min(first, cursor.header().firstSequence());
      }
    }
    return first;
  }

  private void takeBatch(long batch) {
    long end = 0;
    long batchTime = Long.MIN_VALUE;
    for (LaneCursor cursor : cursors) {
      if (cursor.isAt(batch)) {
        end = Math.max(end, cursor.header().lastSequence());
        batchTime = Math.max(batchTime, cursor.header().lastTime());
      }
    }
    boolean seeking = seekTime != Long.MIN_VALUE;
    if (!seeking || batchTime >= seekTime) {
      filter.fromTime(seekTime);
      for (LaneCursor cursor : cursors) {
        if (cursor.isAt(batch)) {
          ByteBuffer frame = filter.apply(cursor.header(), cursor.frame());
          if (frame != null) {
            frames.add(frame);
          }
        }
      }
      if (gaps.isPending()) {
        gaps.place(log.epoch(), Math.max(position, batch), end, frames);
      }
      seekTime = Long.MIN_VALUE;
    }
    for (LaneCursor cursor : cursors) {
      if (cursor.isAt(batch)) {
        cursor.consume();
      }
    }
    time = Math.max(time, batchTime);
    cover(end);
  }

  private boolean catchUp(long head, long headTime) {
    if (head >= position) {
      time = Math.max(time, headTime);
      cover(head);
    }
    return position > firstSequence;
  }

  private void cover(long end) {
    lastSequence = end;
    position = end + 1;
  }
}
