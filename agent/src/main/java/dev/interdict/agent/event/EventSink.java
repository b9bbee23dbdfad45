package dev.interdict.agent.event;

/**
 * Takes the sensor's events in the order in which they are to be numbered. Called on the sensor's
 * thread only; the bytes belong to the sensor and are overwritten after the call.
 */
public interface EventSink {
  /** One encoded {@code Event}; {@code lane} is the number of a {@code Lane}. */
  void accept(int lane, byte[] buffer, int offset, int length);

  /** The rings are drained: whoever waits for events may be told. */
  void flush();
}
