package dev.interdict.record;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * @param node null: the one in the directory, or a new random one
 * @param retention per lane, by its number
 */
public record RecorderConfig(
    Path directory,
    NodeId node,
    Duration syncInterval,
    long segmentBytes,
    List<Retention> retention) {
  public static RecorderConfig of(Path directory) {
    throw new UnsupportedOperationException();
  }

  public RecorderConfig withNode(NodeId value) {
    throw new UnsupportedOperationException();
  }

  public RecorderConfig withSyncInterval(Duration value) {
    throw new UnsupportedOperationException();
  }

  public RecorderConfig withSegmentBytes(long value) {
    throw new UnsupportedOperationException();
  }

  public RecorderConfig withRetention(int lane, Retention value) {
    throw new UnsupportedOperationException();
  }

  /** What a lane may keep. Whichever limit is reached first counts. */
  public record Retention(long bytes, Duration age) {}
}
