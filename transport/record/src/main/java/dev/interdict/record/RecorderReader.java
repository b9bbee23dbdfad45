package dev.interdict.record;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Reads a recorder in the order of its sequence, through all its epochs. One thread. */
public final class RecorderReader implements AutoCloseable {
  /**
   * Goes on to the next batch. False: at the head, call again after a flush. Gaps are always
   * delivered, whatever the kinds: those of damage and retention as frames made here.
   */
  public boolean next() throws IOException {
    throw new UnsupportedOperationException();
  }

  public long epoch() {
    throw new UnsupportedOperationException();
  }

  /** The range that this batch covers; it joins on to the one before, whatever its frames say. */
  public long firstSequence() {
    throw new UnsupportedOperationException();
  }

  public long lastSequence() {
    throw new UnsupportedOperationException();
  }

  /** The latest event time in the batch. */
  public long time() {
    throw new UnsupportedOperationException();
  }

  /** 0: everything in the range was filtered out. */
  public int frames() {
    throw new UnsupportedOperationException();
  }

  /** Between position and limit; valid until the next call of next. */
  public ByteBuffer frame(int index) {
    throw new UnsupportedOperationException();
  }

  /** Where a reader must start to go on after this batch. */
  public Position resume() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() throws IOException {
    throw new UnsupportedOperationException();
  }
}
