package dev.interdict.agent.kernel;

import java.util.List;

/** Counted since the sensor started; per kind, seen = filtered + recorded + lost + in flight. */
public record SensorStats(List<PerKind> kinds, long wakeups, long undecodable, int processes) {
  public record PerKind(String kind, long seen, long filtered, long recorded, long lost) {}
}
