package dev.interdict.record;

import java.nio.ByteBuffer;

/**
 * Reads the events of one frame after the other. One thread. Array contents are valid until the
 * next wrap.
 */
public final class FrameDecoder implements AutoCloseable {
  /**
   * The frame stands between position and limit, which do not move. Throws InvalidFrameException.
   */
  public FrameDecoder wrap(ByteBuffer frame) {
    throw new UnsupportedOperationException();
  }

  public FrameHeader header() {
    throw new UnsupportedOperationException();
  }

  public boolean next() {
    throw new UnsupportedOperationException();
  }

  public long sequence() {
    throw new UnsupportedOperationException();
  }

  public int kind() {
    throw new UnsupportedOperationException();
  }

  public long time() {
    throw new UnsupportedOperationException();
  }

  public byte[] array() {
    throw new UnsupportedOperationException();
  }

  public int offset() {
    throw new UnsupportedOperationException();
  }

  public int length() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {
    throw new UnsupportedOperationException();
  }
}
