package dev.interdict.bus.client;

import dev.interdict.record.NodeId;

/**
 * A range of a node's events, in the order of their sequence. One thread; valid until the next poll
 * of its stream.
 */
public final class EventBatch implements AutoCloseable {
  EventBatch() {}

  public NodeId node() {
    throw new UnsupportedOperationException();
  }

  public long epoch() {
    throw new UnsupportedOperationException();
  }

  /** The range covered: what is not in the batch was filtered out. */
  public long firstSequence() {
    throw new UnsupportedOperationException();
  }

  public long lastSequence() {
    throw new UnsupportedOperationException();
  }

  /** The node's clock at the end of the range: the latest event time in it. */
  public long lastTime() {
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

  /** Returns the credit; done by the end of the iteration and by the next poll, too. */
  @Override
  public void close() {
    throw new UnsupportedOperationException();
  }
}
