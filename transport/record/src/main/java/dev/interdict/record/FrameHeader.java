package dev.interdict.record;

import java.nio.ByteBuffer;

public final class FrameHeader {
  public static final int LENGTH = 96;
  public static final int MAX_BODY_LENGTH = 1 << 20;
  public static final int MAX_FRAME_LENGTH = LENGTH + MAX_BODY_LENGTH;
  public static final int MAX_COUNT = 65_536;
  public static final int MAX_EVENT_LENGTH = 256 << 10;

  public FrameHeader wrap(ByteBuffer buffer, int offset) {
    throw new UnsupportedOperationException();
  }

  /** Structure and limits, not the checksum. */
  public FrameHeader validate() {
    throw new UnsupportedOperationException();
  }

  public int codec() {
    throw new UnsupportedOperationException();
  }

  public int lane() {
    throw new UnsupportedOperationException();
  }

  public int bodyLength() {
    throw new UnsupportedOperationException();
  }

  public int frameLength() {
    throw new UnsupportedOperationException();
  }

  public int rawLength() {
    throw new UnsupportedOperationException();
  }

  public int count() {
    throw new UnsupportedOperationException();
  }

  public NodeId node() {
    throw new UnsupportedOperationException();
  }

  public long nodeHi() {
    throw new UnsupportedOperationException();
  }

  public long nodeLo() {
    throw new UnsupportedOperationException();
  }

  public long epoch() {
    throw new UnsupportedOperationException();
  }

  public long firstSequence() {
    throw new UnsupportedOperationException();
  }

  public long lastSequence() {
    throw new UnsupportedOperationException();
  }

  public long firstTime() {
    throw new UnsupportedOperationException();
  }

  public long lastTime() {
    throw new UnsupportedOperationException();
  }

  public long kinds() {
    throw new UnsupportedOperationException();
  }

  public int flags() {
    throw new UnsupportedOperationException();
  }
}
