package dev.interdict.agent.uplink;

import dev.interdict.agent.event.EventSink;
import dev.interdict.record.Recorder;

/**
 * Writes the sensor's events to the recorder. What the rings held is one batch, unless it grows
 * beyond {@link #MAX_PENDING_BYTES}: readers shall not wait for the end of a flood. One thread.
 */
public final class RecordingSink implements EventSink {
  static final int MAX_PENDING_BYTES = 256 * 1024;

  private final Recorder recorder;
  private int pending;
  private volatile long events;
  private volatile long bytes;

  public RecordingSink(Recorder recorder) {
    this.recorder = recorder;
  }

  @Override
  public void accept(int lane, byte[] buffer, int offset, int length) {
    recorder.append(lane, buffer, offset, length);
    pending += length;
    count(length);
    if (pending >= MAX_PENDING_BYTES) {
      flush();
    }
  }

  @Override
  public void flush() {
    if (pending > 0) {
      recorder.flush();
      pending = 0;
    }
  }

  /** From any thread. */
  public long events() {
    return events;
  }

  /** Of encoded events, before compression. From any thread. */
  public long bytes() {
    return bytes;
  }

  // Only the sensor's thread writes these, so an increment that is not atomic loses nothing.
  @SuppressWarnings("NonAtomicVolatileUpdate")
  private void count(int length) {
    events++;
    bytes += length;
  }
}
