package dev.interdict.agent.kernel;

import dev.interdict.agent.event.EventSink;
import java.util.List;

/** Reads the kernel on a thread of its own and hands encoded events to the sink. */
public final class Sensor implements AutoCloseable {
  private Sensor() {}

  /** Attaches what this kernel offers; {@link #hooks} says what it was. */
  public static Sensor start(SensorConfig config, EventSink sink) {
    throw new UnsupportedOperationException("Sensor.start");
  }

  public List<Hook> hooks() {
    throw new UnsupportedOperationException("Sensor.hooks");
  }

  public SensorStats stats() {
    throw new UnsupportedOperationException("Sensor.stats");
  }

  @Override
  public void close() {}
}
