package dev.interdict.record;

import dev.interdict.schema.EventView;
import dev.interdict.schema.Field;
import dev.interdict.schema.MalformedEventException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A recorder's directory, or a copy of one, read without a recorder and without changing it. */
public final class OfflineRecorder {
  private final Catalog catalog;
  private final boolean clean;

  /**
   * What one segment holds.
   *
   * @param lastSequence 0 without a whole frame, as are the times
   * @param damagedBytes between whole frames
   * @param tornBytes after the last whole frame
   * @param malformedEvents in frames that are whole
   * @param headerProblem null if there is none
   */
  public record SegmentReport(
      Path path,
      long epoch,
      int lane,
      long firstSequence,
      long lastSequence,
      long firstTime,
      long lastTime,
      long bytes,
      long frames,
      long events,
      long kinds,
      long damagedBytes,
      long tornBytes,
      long malformedEvents,
      String headerProblem) {

    /** A torn end alone is what every crash may leave in the last segment. */
    public boolean isDamaged() {
      return damagedBytes > 0 || malformedEvents > 0 || headerProblem != null;
    }
  }

  /** What retention has taken from the front of a lane. */
  public record Retained(long epoch, int lane, long lastSequence, long events) {}

  private OfflineRecorder(Catalog catalog, boolean clean) {
    this.catalog = catalog;
    this.clean = clean;
  }

  public static OfflineRecorder open(Path directory) throws IOException {
    return new OfflineRecorder(
        Catalog.load(directory), Files.exists(directory.resolve(RecorderDirectory.CLEAN_FILE)));
  }

  public NodeId node() {
    return catalog.node();
  }

  /** Whether it bears the mark of a clean stop. */
  public boolean isClean() {
    return clean;
  }

  public boolean isEmpty() {
    return catalog.first() == null;
  }

  /** From the first event at or after this time, or from the beginning with Long.MIN_VALUE. */
  public RecorderReader reader(long fromTime, long kinds) throws IOException {
    return reader(fromTime, kinds, null);
  }

  /** As above, of those events only that the predicate wants; null wants all of the kinds. */
  public RecorderReader reader(long fromTime, long kinds, EventPredicate wanted)
      throws IOException {
    return RecorderReader.atTime(catalog, Math.max(fromTime, Long.MIN_VALUE + 1), kinds, wanted);
  }

  public RecorderReader reader(Position from, long kinds) throws IOException {
    return RecorderReader.at(catalog, from.epoch(), from.sequence(), kinds, null);
  }

  /** What it holds of each epoch, the newest last; of a running recorder what is on the disk. */
  public List<EpochRange> ranges() throws IOException {
    return catalog.ranges();
  }

  public List<Retained> removed() {
    List<Retained> removed = new ArrayList<>();
    for (EpochLog epoch : catalog.epochs().values()) {
      for (int lane = 0; lane < epoch.lanes(); lane++) {
        Removed mark = epoch.lane(lane).removed();
        if (mark.lastSequence() > 0) {
          removed.add(new Retained(epoch.epoch(), lane, mark.lastSequence(), mark.events()));
        }
      }
    }
    return removed;
  }

  /**
   * Reads every segment to its end.
   *
   * @param deep also decompresses each frame and parses each event
   */
  public List<SegmentReport> inspect(boolean deep) throws IOException {
    List<SegmentReport> reports = new ArrayList<>();
    try (FrameDecoder decoder = new FrameDecoder()) {
      for (EpochLog epoch : catalog.epochs().values()) {
        for (int lane = 0; lane < epoch.lanes(); lane++) {
          LaneLog log = epoch.lane(lane);
          for (Segment segment : log.segments().values()) {
            reports.add(inspect(segment, mayBeTorn(epoch, log, segment), deep ? decoder : null));
          }
        }
      }
    }
    return reports;
  }

  private SegmentReport inspect(Segment segment, boolean mayBeTorn, FrameDecoder decoder)
      throws IOException {
    SegmentIndex sums = new SegmentIndex();
    long damaged = 0;
    long malformed = 0;
    long torn;
    try (SegmentScanner scanner = new SegmentScanner(segment)) {
      while (scanner.next(segment.size())) {
        sums.add(scanner.header(), scanner.offset());
        damaged += scanner.skippedBytes();
        if (decoder != null) {
          malformed += malformed(decoder, scanner);
        }
      }
      torn = Math.max(0, segment.size() - scanner.end());
    }
    boolean whole = sums.frames() > 0;
    return new SegmentReport(
        segment.path(),
        segment.epoch(),
        segment.lane(),
        segment.firstSequence(),
        sums.lastSequence(),
        whole ? sums.firstTime() : 0,
        whole ? sums.lastTime() : 0,
        segment.size(),
        sums.frames(),
        sums.events(),
        sums.kinds(),
        mayBeTorn ? damaged : damaged + torn,
        mayBeTorn ? torn : 0,
        malformed,
        segment.checkHeader(catalog.node()));
  }

  /** Only where a crash may have left it: recovery cuts it, and a clean stop leaves none. */
  private boolean mayBeTorn(EpochLog epoch, LaneLog log, Segment segment) {
    return !clean && epoch == catalog.last() && log.after(segment) == null;
  }

  private static long malformed(FrameDecoder decoder, SegmentScanner scanner) {
    long malformed = 0;
    EventView view = new EventView();
    try {
      decoder.wrap(scanner.frame());
      while (decoder.next()) {
        try {
          view.wrap(decoder.array(), decoder.offset(), decoder.length());
          for (Field field : PARSED) {
            view.has(field);
          }
        } catch (MalformedEventException e) {
          malformed++;
        }
      }
    } catch (InvalidFrameException e) {
      malformed += scanner.header().count();
    }
    return malformed;
  }

  /** One of each message, so that all of an event is parsed. */
  private static final Field[] PARSED = {
    Field.PROCESS_PID, Field.CONTAINER_ID, Field.ANCESTOR_IDS, Field.FILE_PATH
  };
}
