package dev.interdict.jobs.sequence;

import dev.interdict.record.Position;

/**
 * A partial match went one step further.
 *
 * @param step the step that was reached, from 0
 * @param time of the event, Unix nanoseconds
 */
public record SequenceProgress(
    String sequenceId,
    String title,
    String key,
    int step,
    int steps,
    String stepName,
    Position position,
    long time) {

  /** Called on the task's thread, possibly again for the same step after a failure. */
  @FunctionalInterface
  public interface Listener {
    void reached(SequenceProgress progress);
  }
}
