package dev.interdict.storage;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/**
 * Names the directory of an event below its table: {@code date=2026-11-22/hour=07/node_prefix=1b},
 * by the event's own time in UTC. Events of one node come in runs of the same hour, so the last
 * answer is kept; an instance belongs to one thread.
 */
public final class Partition {
  static final String NODE = "node_prefix=";

  private static final long HOUR_NANOS = 3_600_000_000_000L;
  private static final DateTimeFormatter DATE_HOUR =
      DateTimeFormatter.ofPattern("'date='uuuu-MM-dd'/hour='HH").withZone(ZoneOffset.UTC);
  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("'date='uuuu-MM-dd").withZone(ZoneOffset.UTC);

  private long lastHour;
  private int lastNode;
  private String last;

  public String path(long timeNanos, long nodeHi) {
    long hour = Math.floorDiv(timeNanos, HOUR_NANOS);
    int node = (int) (nodeHi >>> 56);
    if (last == null || hour != lastHour || node != lastNode) {
      last = of(timeNanos, nodeHi);
      lastHour = hour;
      lastNode = node;
    }
    return last;
  }

  /**
   * The node's part is the first two digits of its id: a checkpoint of ten thousand nodes then
   * writes 256 files for each task and not ten thousand. It is not called {@code node}: a partition
   * hides a column of the same name from its readers.
   */
  public static String of(long timeNanos, long nodeHi) {
    Instant hour = Instant.ofEpochSecond(Math.floorDiv(timeNanos, HOUR_NANOS) * 3600);
    return DATE_HOUR.format(hour) + '/' + NODE + String.format("%02x", (int) (nodeHi >>> 56));
  }

  /** Of an alert. */
  public static String date(long timeNanos) {
    return DATE.format(Instant.ofEpochSecond(Math.floorDiv(timeNanos, 1_000_000_000L)));
  }
}
