package dev.interdict.record;

import dev.interdict.schema.Gap;

/** What one lane could not write, until it can be told. */
final class Losses {
  private final int lane;
  private long count;
  private long fromTime;
  private long untilTime;
  private long firstSequence;
  private long lastSequence;

  Losses(int lane) {
    this.lane = lane;
  }

  void add(FrameHeader frame) {
    if (count == 0) {
      fromTime = frame.firstTime();
      untilTime = frame.lastTime();
      firstSequence = frame.firstSequence();
    }
    count += frame.count();
    fromTime = Math.min(fromTime, frame.firstTime());
    untilTime = Math.max(untilTime, frame.lastTime());
    lastSequence = frame.lastSequence();
  }

  boolean isEmpty() {
    return count == 0;
  }

  void clear() {
    count = 0;
  }

  Gap.Builder gap() {
    return Gap.newBuilder()
        .setReason(Gap.Reason.RECORDER_FULL)
        .setLaneValue(lane)
        .setCount(count)
        .setCounted(true)
        .setFromTime(fromTime)
        .setUntilTime(untilTime)
        .setFirstSequence(firstSequence)
        .setLastSequence(lastSequence);
  }
}
