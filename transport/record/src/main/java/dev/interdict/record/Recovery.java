package dev.interdict.record;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;

/**
 * What was found in the last epoch when the recorder was opened.
 *
 * @param clean nothing was lost: the epoch goes on
 * @param lastSequence the end of what its frames cover
 * @param lossTime events from here on may be missing, if it was not clean
 * @param truncatedBytes of torn frames at the ends of segments
 * @param damagedBytes of damaged frames, left where they are
 */
public record Recovery(
    boolean clean, long lastSequence, long lossTime, long truncatedBytes, long damagedBytes) {
  static final Recovery NEW_DIRECTORY = new Recovery(true, 0, 0, 0, 0);

  static Recovery of(EpochLog epoch, RecorderDirectory.CleanMark mark) throws IOException {
    Continuity continuity = Continuity.of(epoch);
    long last = 0;
    long truncated = 0;
    long damaged = 0;
    for (int lane = 0; lane < epoch.lanes(); lane++) {
      LaneLog log = epoch.lane(lane);
      Segment segment = log.last();
      if (segment != null) {
        SegmentIndex index = new SegmentIndex();
        try (SegmentScanner scanner = new SegmentScanner(segment)) {
          while (scanner.next(segment.size())) {
            index.add(scanner.header(), scanner.offset());
            damaged += scanner.skippedBytes();
          }
          truncated += truncate(log, segment, index, scanner.end());
        }
      }
      last = Math.max(last, lastSequence(log));
    }
    boolean clean =
        mark != null
            && mark.epoch() == epoch.epoch()
            && mark.lastSequence() >= last
            && truncated == 0;
    return new Recovery(
        clean,
        clean ? mark.lastSequence() : last,
        clean ? epoch.lastTime() : Math.min(epoch.lastTime(), continuity.lossTime()),
        truncated,
        damaged);
  }

  private static long truncate(LaneLog log, Segment segment, SegmentIndex index, long end)
      throws IOException {
    long torn = segment.size() - Math.min(end, segment.size());
    if (index.frames() == 0) {
      torn = Math.max(0, segment.size() - Segment.HEADER_LENGTH);
      log.segments().remove(segment.firstSequence());
      DurableFiles.delete(segment.path());
      return torn;
    }
    if (torn > 0) {
      try (FileChannel channel = FileChannel.open(segment.path(), StandardOpenOption.WRITE)) {
        channel.truncate(end);
        channel.force(true);
      }
    }
    segment.recovered(end, index);
    return torn;
  }

  private static long lastSequence(LaneLog log) throws IOException {
    Segment last = log.last();
    return last == null ? log.removed().lastSequence() : last.index().lastSequence();
  }
}
