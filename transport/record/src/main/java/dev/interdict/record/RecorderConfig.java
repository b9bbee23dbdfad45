package dev.interdict.record;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * @param node null: the one that the directory names, or a new random one
 * @param syncInterval what a power cut can cost: what was flushed less than this before it
 * @param segmentBytes a segment that has reached this is closed and the next one begun
 * @param diskBytes up to this much stays beyond the quotas for consumers that have not read it yet
 * @param retention of each lane, by its number
 */
public record RecorderConfig(
    Path directory,
    NodeId node,
    Duration syncInterval,
    long segmentBytes,
    long diskBytes,
    List<Retention> retention) {
  public static final Duration DEFAULT_SYNC_INTERVAL = Duration.ofMillis(100);
  public static final long DEFAULT_SEGMENT_BYTES = 64L << 20;
  public static final long DEFAULT_DISK_BYTES = 4L << 30; // twice the quotas

  /** By lane: processes are worth most and weigh least. */
  private static final List<Retention> DEFAULT_RETENTION =
      List.of(
          new Retention(1L << 30, Duration.ofDays(30)),
          new Retention(512L << 20, Duration.ofDays(14)),
          new Retention(512L << 20, Duration.ofDays(7)));

  public RecorderConfig {
    if (retention.isEmpty() || retention.size() > FrameHeader.MAX_LANES) {
      throw new IllegalArgumentException(
          "invalid lanes=" + retention.size() + " limit=" + FrameHeader.MAX_LANES);
    }
    if (segmentBytes < Segment.HEADER_LENGTH + 1) {
      throw new IllegalArgumentException("invalid segmentBytes=" + segmentBytes);
    }
    if (syncInterval.isNegative() || syncInterval.isZero()) {
      throw new IllegalArgumentException("invalid syncInterval=" + syncInterval);
    }
    retention = List.copyOf(retention);
  }

  /** Three lanes, as the agent has them. */
  public static RecorderConfig of(Path directory) {
    return new RecorderConfig(
        directory,
        null,
        DEFAULT_SYNC_INTERVAL,
        DEFAULT_SEGMENT_BYTES,
        DEFAULT_DISK_BYTES,
        DEFAULT_RETENTION);
  }

  /** One lane that nothing is removed from. */
  public static RecorderConfig ofLog(Path directory) {
    return new RecorderConfig(
        directory,
        null,
        DEFAULT_SYNC_INTERVAL,
        DEFAULT_SEGMENT_BYTES,
        DEFAULT_DISK_BYTES,
        List.of(Retention.UNLIMITED));
  }

  public RecorderConfig withNode(NodeId value) {
    return new RecorderConfig(directory, value, syncInterval, segmentBytes, diskBytes, retention);
  }

  public RecorderConfig withSyncInterval(Duration value) {
    return new RecorderConfig(directory, node, value, segmentBytes, diskBytes, retention);
  }

  public RecorderConfig withSegmentBytes(long value) {
    return new RecorderConfig(directory, node, syncInterval, value, diskBytes, retention);
  }

  public RecorderConfig withDiskBytes(long value) {
    return new RecorderConfig(directory, node, syncInterval, segmentBytes, value, retention);
  }

  public RecorderConfig withRetention(int lane, Retention value) {
    List<Retention> values = new ArrayList<>(retention);
    values.set(lane, value);
    return new RecorderConfig(directory, node, syncInterval, segmentBytes, diskBytes, values);
  }

  /** What a lane may keep; whichever limit is reached first counts. Whole segments are removed. */
  public record Retention(long bytes, Duration age) {
    public static final Retention UNLIMITED =
        new Retention(Long.MAX_VALUE, Duration.ofDays(365_000));

    public Retention {
      if (bytes < 0 || age.isNegative()) {
        throw new IllegalArgumentException("invalid retention bytes=" + bytes + " age=" + age);
      }
    }
  }
}
