package dev.interdict.bus.backplane;

import dev.interdict.bus.wire.Message;
import dev.interdict.bus.wire.MessageType;
import dev.interdict.bus.wire.WireException;
import dev.interdict.record.FrameHeader;
import dev.interdict.schema.Acknowledge;
import dev.interdict.schema.Credit;
import dev.interdict.schema.Goodbye;
import dev.interdict.schema.StreamEnd;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One stream on its way from a node to a consumer. Frames come on the node's event loop, credit on
 * the consumer's.
 *
 * <p>A batch may begin while there is credit left, and is then sent whole; so at most the credit
 * and one batch are on their way.
 */
final class Relay {
  static final int MAX_BATCH_BYTES = 8 * FrameHeader.MAX_FRAME_LENGTH;

  final ClientSession consumer;
  final int consumerStream;
  final NodeSession node;
  final int nodeStream;

  private final long maxCredit;
  private final AtomicLong credit;
  private final AtomicLong withheld = new AtomicLong();
  private final AtomicBoolean ended = new AtomicBoolean();
  private int batchBytes;

  // What waits for its turn at the consumer's outlet. Guarded by itself.
  private final ArrayDeque<ByteBuf> waiting = new ArrayDeque<>();
  private boolean enlisted; // with the outlet, or on its way there
  private boolean discarding;
  private volatile boolean live;
  private int deficit; // consumer's event loop

  Relay(
      ClientSession consumer,
      int consumerStream,
      NodeSession node,
      int nodeStream,
      long credit,
      long maxCredit) {
    this.consumer = consumer;
    this.consumerStream = consumerStream;
    this.node = node;
    this.nodeStream = nodeStream;
    this.maxCredit = maxCredit;
    this.credit = new AtomicLong(credit);
  }

  /** Node's event loop. */
  void spend(int frameLength, boolean endOfBatch) {
    if (batchBytes == 0 && credit.get() <= 0) {
      throw new WireException(
          Goodbye.Code.LIMIT,
          "frame of " + frameLength + " bytes without credit, credit=" + credit.get());
    }
    batchBytes += frameLength;
    if (batchBytes > MAX_BATCH_BYTES) {
      throw new WireException(
          Goodbye.Code.LIMIT, "invalid batchBytes=" + batchBytes + " limit=" + MAX_BATCH_BYTES);
    }
    credit.addAndGet(-frameLength);
    if (endOfBatch) {
      endOfBatch();
    }
  }

  void endOfBatch() {
    batchBytes = 0;
  }

  /**
   * Consumer's event loop. While the consumer's connection is full, nodes are not asked for more.
   */
  void grant(long bytes, boolean writable) {
    long outstanding = Math.max(0, credit.get()) + withheld.get();
    if (bytes <= 0 || bytes > maxCredit || outstanding + bytes > maxCredit) {
      throw new WireException(
          Goodbye.Code.LIMIT,
          "invalid credit=" + bytes + " outstanding=" + outstanding + " limit=" + maxCredit);
    }
    withheld.addAndGet(bytes);
    if (writable) {
      release();
    }
  }

  void release() {
    long bytes = withheld.getAndSet(0);
    if (bytes > 0) {
      credit.addAndGet(bytes);
      node.writeAndFlush(
          Message.of(
              node.channel().alloc(),
              MessageType.CREDIT,
              nodeStream,
              Credit.newBuilder().setBytes(bytes).build()));
    }
  }

  /** Bytes that the node may still send. */
  long credit() {
    return credit.get();
  }

  /** Node's event loop. Takes over the message; true if the outlet must be told. */
  boolean offer(ByteBuf message) {
    synchronized (waiting) {
      if (discarding) {
        message.release();
        return false;
      }
      waiting.addLast(message);
      if (enlisted) {
        return false;
      }
      enlisted = true;
      return true;
    }
  }

  /**
   * Consumer's event loop: a turn of about so many bytes; what it exceeds is taken off the next.
   */
  int write(int quantum) {
    int sent = 0;
    deficit = Math.min(deficit, 0) + quantum;
    while (deficit > 0) {
      ByteBuf message;
      synchronized (waiting) {
        message = waiting.pollFirst();
      }
      if (message == null) {
        break;
      }
      int length = message.readableBytes();
      consumer.write(message);
      deficit -= length;
      sent += length;
    }
    node.rate().charge(sent, System.nanoTime());
    consumer.outlet().queued(-sent);
    return sent;
  }

  /** Consumer's event loop, after a turn. False: it is told again when something comes. */
  boolean isWaiting() {
    synchronized (waiting) {
      enlisted = !waiting.isEmpty();
      return enlisted;
    }
  }

  /** Any thread: nothing that waits or comes is sent any more. */
  void discard() {
    long dropped = 0;
    synchronized (waiting) {
      discarding = true;
      for (ByteBuf left = waiting.pollFirst(); left != null; left = waiting.pollFirst()) {
        dropped += left.readableBytes();
        left.release();
      }
    }
    consumer.outlet().queued(-dropped);
  }

  /** The node reads it at the head of its recorder, as of the last message. */
  boolean isLive() {
    return live;
  }

  void live(boolean value) {
    live = value;
  }

  void acknowledge(Acknowledge position) {
    if (node.connection().protocol() >= 2) {
      node.writeAndFlush(
          Message.of(node.channel().alloc(), MessageType.ACKNOWLEDGE, nodeStream, position));
    }
  }

  void renew() {
    if (node.connection().protocol() < 2) {
      return; // it has never heard of leases
    }
    node.writeAndFlush(Message.of(node.channel().alloc(), MessageType.RENEW, nodeStream));
  }

  /** Any thread; whoever comes first ends it. */
  boolean end() {
    return ended.compareAndSet(false, true);
  }

  boolean hasEnded() {
    return ended.get();
  }

  /** After what still waits. */
  void tellConsumer(StreamEnd.Code code, String why) {
    consumer.pass(
        this,
        Message.of(
            consumer.channel().alloc(),
            MessageType.STREAM_END,
            consumerStream,
            StreamEnd.newBuilder().setCode(code).setMessage(why).build()));
    consumer.outlet().wake();
  }
}
