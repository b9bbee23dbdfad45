package dev.interdict.jobs.archive;

import org.apache.flink.streaming.api.functions.sink.filesystem.PartFileInfo;
import org.apache.flink.streaming.api.functions.sink.filesystem.rollingpolicies.CheckpointRollingPolicy;

/**
 * Each file ends with a checkpoint, and where many are open, those that nothing comes for any more
 * end before. A job that catches up with a day reads each node hour by hour: all of these hours at
 * once, with buffers for each column of each, would not fit its memory.
 */
final class OpenFiles<T> extends CheckpointRollingPolicy<T, String> {
  private static final long serialVersionUID = 1;

  /** Between two looks. */
  static final long INTERVAL_MILLIS = 1_000;

  /** As many as there are groups of nodes, each in one hour. */
  static final int MANY = 256;

  private static final long IDLE_MILLIS = 1_000;

  private transient long look;
  private transient int open;
  private transient int openBefore;

  @Override
  public boolean shouldRollOnEvent(PartFileInfo<String> file, T element) {
    return false;
  }

  /** Asked for each open file in turn, with one time for a look at all of them. */
  @Override
  public boolean shouldRollOnProcessingTime(PartFileInfo<String> file, long now) {
    if (now != look) {
      look = now;
      openBefore = open;
      open = 0;
    }
    open++;
    return openBefore > MANY && now - file.getLastUpdateTime() >= IDLE_MILLIS;
  }
}
