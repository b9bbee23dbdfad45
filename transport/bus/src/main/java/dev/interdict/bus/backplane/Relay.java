package dev.interdict.bus.backplane;

import dev.interdict.bus.wire.Message;
import dev.interdict.bus.wire.MessageType;
import dev.interdict.bus.wire.WireException;
import dev.interdict.record.FrameHeader;
import dev.interdict.schema.Credit;
import dev.interdict.schema.Goodbye;
import dev.interdict.schema.StreamEnd;
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

  void renew() {
    node.writeAndFlush(Message.of(node.channel().alloc(), MessageType.RENEW, nodeStream));
  }

  /** Any thread; whoever comes first ends it. */
  boolean end() {
    return ended.compareAndSet(false, true);
  }

  boolean hasEnded() {
    return ended.get();
  }

  void tellConsumer(StreamEnd.Code code, String why) {
    consumer.writeAndFlush(
        Message.of(
            consumer.channel().alloc(),
            MessageType.STREAM_END,
            consumerStream,
            StreamEnd.newBuilder().setCode(code).setMessage(why).build()));
  }
}
