package dev.interdict.record;

import dev.interdict.schema.Gap;

/**
 * A range in which a lane's events cannot be read any more. Events of other lanes may have numbers
 * within it.
 *
 * @param count a lower bound, unless counted
 * @param fromTime 0 if not known; so is untilTime
 */
record Hole(
    Gap.Reason reason,
    int lane,
    long firstSequence,
    long lastSequence,
    long count,
    boolean counted,
    long fromTime,
    long untilTime) {

  byte[] event() {
    return GapEvents.bytes(
        untilTime > 0 ? untilTime : fromTime,
        Gap.newBuilder()
            .setReason(reason)
            .setLaneValue(lane)
            .setCount(count)
            .setCounted(counted)
            .setFromTime(fromTime)
            .setUntilTime(untilTime)
            .setFirstSequence(firstSequence)
            .setLastSequence(lastSequence));
  }
}
