package dev.interdict.record;

import dev.interdict.record.RecorderConfig.Retention;
import java.io.IOException;
import java.util.List;

/** Removes the oldest closed segments of each lane, over all epochs, beyond the lane's quota. */
final class Retainer {
  private final Catalog catalog;
  private final List<Retention> retention;

  Retainer(Catalog catalog, List<Retention> retention) {
    this.catalog = catalog;
    this.retention = retention;
  }

  /** Age counts from when a segment was last written: events may carry times of any clock. */
  void enforce(long nowMillis) throws IOException {
    for (int lane = 0; lane < retention.size(); lane++) {
      Retention quota = retention.get(lane);
      long surplus = bytes(lane) - quota.bytes();
      long oldest = nowMillis - Clocks.millis(quota.age());
      for (EpochLog epoch : catalog.epochs().values()) {
        LaneLog log = epoch.lane(lane);
        for (Segment segment : log.segments().values()) {
          if (!segment.isClosed() || (surplus <= 0 && segment.modifiedMillis() >= oldest)) {
            break;
          }
          surplus -= segment.size();
          log.remove(segment);
        }
      }
    }
  }

  long bytes(int lane) {
    long bytes = 0;
    for (EpochLog epoch : catalog.epochs().values()) {
      for (Segment segment : epoch.lane(lane).segments().values()) {
        bytes += segment.size();
      }
    }
    return bytes;
  }
}
