package dev.interdict.agent.kernel;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The reading end of one BPF ring buffer, mapped once: twice in a row no record would be broken at
 * its end, but every page would count as resident twice. The kernel commits a record by clearing
 * the busy bit of its length, and sees room again once the consumer's position has been released.
 */
final class Ring {
  private static final VarHandle LONG =
      MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());
  private static final VarHandle INT =
      MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.nativeOrder());
  private static final int BUSY = 1 << 31;
  private static final int DISCARDED = 1 << 30;
  private static final int PREFIX = 8;
  private static final long RELEASE_AFTER = 64 << 10;

  private final ByteBuffer consumer;
  private final ByteBuffer producer;
  private final ByteBuffer data;
  private final ByteBuffer broken = // a record that goes on at the beginning, put together
      ByteBuffer.allocateDirect(Record.LIMIT).order(ByteOrder.nativeOrder());

  private final int mask;
  private long position;
  private long released;
  private long limit;
  private int length; // of the head; 0: there is none
  private ByteBuffer head; // what it stands in
  private int at;

  Ring(ByteBuffer consumer, ByteBuffer producer, ByteBuffer data) {
    this.consumer = consumer;
    this.producer = producer;
    this.data = data.order(ByteOrder.nativeOrder());
    this.mask = data.capacity() - 1;
    this.position = (long) LONG.getAcquire(consumer, 0);
    this.released = position;
    this.head = data;
  }

  /** What the head stands in. */
  ByteBuffer data() {
    return head;
  }

  /** Sees what the kernel has written since. */
  void refresh() {
    limit = (long) LONG.getAcquire(producer, 0);
    seek();
  }

  /** A quarter full: it should be read soon. */
  boolean isFilling() {
    return (long) LONG.getAcquire(producer, 0) - position > (mask + 1) / 4;
  }

  boolean hasHead() {
    return length != 0;
  }

  /** Where the head begins in {@link #data}. */
  int head() {
    return at;
  }

  int headLength() {
    return length;
  }

  long headTime() {
    return head.getLong(at + Record.TIME);
  }

  void next() {
    skip(length);
    if (position - released >= RELEASE_AFTER) {
      release();
    }
    seek();
  }

  /** Gives what has been read back to the kernel. */
  void release() {
    if (released != position) {
      LONG.setRelease(consumer, 0, position);
      released = position;
    }
  }

  private void skip(int bytes) {
    position += (bytes + PREFIX + 7) & ~7L;
  }

  private void seek() {
    length = 0;
    while (position < limit) {
      int prefix = (int) INT.getAcquire(data, (int) (position & mask));
      if ((prefix & BUSY) != 0) {
        return;
      }
      if ((prefix & DISCARDED) == 0) {
        length = prefix;
        locate();
        return;
      }
      skip(prefix & ~DISCARDED);
    }
  }

  private void locate() {
    int from = (int) (position & mask) + PREFIX;
    int left = data.capacity() - from;
    if (length <= left) {
      head = data;
      at = from;
      return;
    }
    if (length > Record.LIMIT) {
      throw new IllegalStateException("invalid length=" + length + " limit=" + Record.LIMIT);
    }
    broken.put(0, data, from, left);
    broken.put(left, data, 0, length - left);
    head = broken;
    at = 0;
  }
}
