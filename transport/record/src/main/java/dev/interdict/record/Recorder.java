package dev.interdict.record;

import java.io.IOException;
import java.nio.ByteBuffer;

/** append, flush and sync: one thread. Everything else: any thread. */
public final class Recorder implements AutoCloseable {
  public static Recorder open(RecorderConfig config) throws IOException {
    throw new UnsupportedOperationException();
  }

  public NodeId node() {
    throw new UnsupportedOperationException();
  }

  public long epoch() {
    throw new UnsupportedOperationException();
  }

  /** The sequence it was given. Readers see it after the next flush. */
  public long append(int lane, byte[] event, int offset, int length) {
    throw new UnsupportedOperationException();
  }

  public long append(int lane, ByteBuffer event, int offset, int length) {
    throw new UnsupportedOperationException();
  }

  public void flush() {
    throw new UnsupportedOperationException();
  }

  /** Flushes, and returns when everything appended is on the disk. */
  public void sync() throws IOException {
    throw new UnsupportedOperationException();
  }

  /** The last sequence that readers can see; 0 if none. */
  public long lastSequence() {
    throw new UnsupportedOperationException();
  }

  /**
   * The listener runs on the writing thread after each flush: it must only wake someone up. Run the
   * result to remove it.
   */
  public Runnable onFlush(Runnable listener) {
    throw new UnsupportedOperationException();
  }

  public RecorderReader reader(Position from, long kinds) throws IOException {
    throw new UnsupportedOperationException();
  }

  /** From the first event at or after this time. */
  public RecorderReader readerFromTime(long time, long kinds) throws IOException {
    throw new UnsupportedOperationException();
  }

  /** Only what is flushed after this call. */
  public RecorderReader readerFromHead(long kinds) throws IOException {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() throws IOException {
    throw new UnsupportedOperationException();
  }
}
