package dev.interdict.record;

import java.io.IOException;
import java.nio.file.Path;

/** All lanes of one epoch. Only the recorder's current epoch has a head that moves. */
final class EpochLog {
  private static final int NAME_LENGTH = 16;

  private final long epoch;
  private final boolean current;
  private final LaneLog[] lanes;
  private volatile long headTime;
  private volatile long headSequence;

  EpochLog(long epoch, boolean current, LaneLog[] lanes) {
    this.epoch = epoch;
    this.current = current;
    this.lanes = lanes;
    headSequence = current ? 0 : Long.MAX_VALUE;
  }

  static Path directory(Path root, long epoch) {
    return root.resolve(String.format("%0" + NAME_LENGTH + "d", epoch));
  }

  /** -1 if it is not the name of an epoch's directory. */
  static long parse(String name) {
    return name.matches("\\d{" + NAME_LENGTH + "}") ? Long.parseLong(name) : -1;
  }

  long epoch() {
    return epoch;
  }

  /** Being written, so that more may come. */
  boolean isCurrent() {
    return current;
  }

  LaneLog lane(int lane) {
    return lanes[lane];
  }

  int lanes() {
    return lanes.length;
  }

  /** Everything up to here may be read. */
  long headSequence() {
    return headSequence;
  }

  /** Never ahead of a headSequence that is read after it. */
  long headTime() {
    return headTime;
  }

  void publish(long sequence, long time) {
    headTime = time;
    headSequence = sequence;
  }

  /** The latest event time on the disk; Long.MIN_VALUE without events. */
  long lastTime() throws IOException {
    long time = Long.MIN_VALUE;
    for (LaneLog lane : lanes) {
      Segment last = lane.last();
      time = Math.max(time, last == null ? lane.removed().lastTime() : last.index().lastTime());
    }
    return time;
  }
}
