package dev.interdict.agent.kernel;

import java.util.List;

/**
 * Counted since the sensor started; per kind, seen = filtered + deduplicated + capped + recorded +
 * lost + in flight.
 */
public record SensorStats(List<PerKind> kinds, long wakeups, long undecodable, int processes) {
  /**
   * @param deduplicated told by the count of other events
   * @param capped over what their container may say in a second
   * @param summaries events that tell such counts; they are not among those recorded
   */
  public record PerKind(
      String kind,
      long seen,
      long filtered,
      long deduplicated,
      long capped,
      long recorded,
      long lost,
      long summaries) {
    /** Still in a ring, unless the numbers do not add up. */
    public long outstanding() {
      return seen - filtered - deduplicated - capped - recorded - lost;
    }
  }
}
