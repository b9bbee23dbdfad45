package dev.interdict.record;

import java.nio.ByteBuffer;

/** Builds one frame after the other in buffers of its own. One thread. */
public final class FrameEncoder implements AutoCloseable {
  public void begin(NodeId node, long epoch, int lane, long firstSequence) {
    throw new UnsupportedOperationException();
  }

  /** False if the frame has no room for it; then finish and begin another. */
  public boolean add(long sequence, byte[] event, int offset, int length) {
    throw new UnsupportedOperationException();
  }

  public boolean add(long sequence, ByteBuffer event, int offset, int length) {
    throw new UnsupportedOperationException();
  }

  public int count() {
    throw new UnsupportedOperationException();
  }

  /** The frame, valid until the next begin. */
  public ByteBuffer finish(long lastSequence, int flags) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {
    throw new UnsupportedOperationException();
  }
}
