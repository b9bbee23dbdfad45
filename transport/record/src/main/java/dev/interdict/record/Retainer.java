package dev.interdict.record;

import dev.interdict.record.RecorderConfig.Retention;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes the oldest closed segments of each lane, over all epochs, beyond the lane's quota. What a
 * consumer still needs stays, until the disk limit is reached.
 */
final class Retainer {
  private static final Logger LOG = LoggerFactory.getLogger(Retainer.class);

  private final Catalog catalog;
  private final List<Retention> retention;
  private final RetentionHolds holds;
  private final long diskBytes;
  private final long freeBytes;
  private FileStore fileStore;

  /**
   * @param diskBytes what all lanes together may hold for consumers beyond their quotas
   * @param freeBytes with less than this free on the file system nothing beyond the quotas is kept
   */
  Retainer(
      Catalog catalog,
      List<Retention> retention,
      RetentionHolds holds,
      long diskBytes,
      long freeBytes) {
    this.catalog = catalog;
    this.retention = retention;
    this.holds = holds;
    this.diskBytes = diskBytes;
    this.freeBytes = freeBytes;
  }

  /** Age counts from when a segment was last written: events may carry times of any clock. */
  void enforce(long nowMillis) throws IOException {
    holds.expire(nowMillis);
    for (int lane = 0; lane < retention.size(); lane++) {
      trim(lane, nowMillis, 0);
    }
    // What weighs most and is worth least goes first.
    long excess = excess();
    for (int lane = retention.size() - 1; lane >= 0 && excess > 0; lane--) {
      excess -= trim(lane, nowMillis, excess);
    }
  }

  /**
   * @param forced so many bytes go even if a consumer needs them
   * @return the bytes that have gone
   */
  private long trim(int lane, long nowMillis, long forced) throws IOException {
    Retention quota = retention.get(lane);
    long surplus = bytes(lane) - quota.bytes();
    long oldest = nowMillis - Clocks.millis(quota.age());
    long removed = 0;
    for (EpochLog epoch : catalog.epochs().values()) {
      LaneLog log = epoch.lane(lane);
      for (Segment segment : log.segments().values()) {
        if (!segment.isClosed() || (surplus <= 0 && segment.modifiedMillis() >= oldest)) {
          break;
        }
        List<String> needing = holds.needing(log, segment);
        if (!needing.isEmpty()) {
          if (removed >= forced) {
            return removed;
          }
          LOG.warn(
              "disk limit={} reached: removed={} which consumers={} have not read",
              diskBytes,
              segment.path(),
              needing);
        }
        surplus -= segment.size();
        removed += segment.size();
        log.remove(segment);
      }
    }
    return removed;
  }

  private long excess() throws IOException {
    long total = 0;
    for (int lane = 0; lane < retention.size(); lane++) {
      total += bytes(lane);
    }
    if (fileStore == null) {
      fileStore = Files.getFileStore(catalog.directory()); // reads the whole table of mounts
    }
    return Math.max(total - diskBytes, freeBytes - fileStore.getUsableSpace());
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
