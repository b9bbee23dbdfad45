package dev.interdict.bus.client;

import dev.interdict.bus.wire.Message;
import dev.interdict.record.FrameDecoder;
import dev.interdict.record.NodeId;
import dev.interdict.schema.Kind;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;

/**
 * A range of a node's events, in the order of their sequence. One thread. What array holds is valid
 * until the next call of next; the batch until the next poll of its stream.
 */
public final class EventBatch implements AutoCloseable {
  private final EventStream stream;
  private final NodeId node;
  private final DecoderPool pool;
  private final long fromTime;
  private final long untilTime;
  private final List<FrameDecoder> decoders = new ArrayList<>();

  private Incoming source;
  private FrameDecoder current;
  private boolean finished = true;

  EventBatch(EventStream stream, NodeId node, DecoderPool pool, long fromTime, long untilTime) {
    this.stream = stream;
    this.node = node;
    this.pool = pool;
    this.fromTime = fromTime;
    this.untilTime = untilTime == 0 ? Long.MAX_VALUE : untilTime;
  }

  /** Takes over the source. Throws InvalidFrameException, and is closed then. */
  void begin(Incoming incoming) {
    source = incoming;
    current = null;
    finished = false;
    int opened = 0;
    try {
      for (ByteBuf message : incoming.messages()) {
        FrameDecoder decoder = pool.take();
        decoders.add(decoder);
        decoder.wrap(Message.payload(message));
        opened++;
        if (!advance(decoder)) {
          decoders.remove(decoders.size() - 1);
          pool.giveBack(decoder);
        }
      }
    } finally {
      incoming.release();
      if (opened < incoming.messages().size()) {
        finish();
      }
    }
  }

  public NodeId node() {
    return node;
  }

  public long epoch() {
    return source.epoch();
  }

  /** The range covered: what is not in the batch was not asked for. */
  public long firstSequence() {
    return source.firstSequence();
  }

  public long lastSequence() {
    return source.lastSequence();
  }

  /** The node's clock at the end of the range: the latest event time in it, 0 if not known. */
  public long lastTime() {
    return source.time();
  }

  public boolean next() {
    if (current != null && !advance(current)) {
      decoders.remove(current);
      pool.giveBack(current);
    }
    current = null;
    for (int i = 0; i < decoders.size(); i++) {
      FrameDecoder decoder = decoders.get(i);
      if (current == null || decoder.sequence() < current.sequence()) {
        current = decoder;
      }
    }
    if (current == null) {
      finish();
      return false;
    }
    return true;
  }

  /** To the decoder's next event within what was asked for. */
  private boolean advance(FrameDecoder decoder) {
    while (decoder.next()) {
      if (decoder.sequence() < source.firstSequence()) {
        continue;
      }
      long time = decoder.time();
      if ((time >= fromTime && time < untilTime) || decoder.kind() == Kind.GAP_VALUE) {
        return true;
      }
    }
    return false;
  }

  public long sequence() {
    return current.sequence();
  }

  public int kind() {
    return current.kind();
  }

  public long time() {
    return current.time();
  }

  public byte[] array() {
    return current.array();
  }

  public int offset() {
    return current.offset();
  }

  public int length() {
    return current.length();
  }

  /** Returns the credit; done by the end of the iteration and by the next poll, too. */
  @Override
  public void close() {
    finish();
  }

  private void finish() {
    if (finished) {
      return;
    }
    finished = true;
    current = null;
    for (int i = 0; i < decoders.size(); i++) {
      pool.giveBack(decoders.get(i));
    }
    decoders.clear();
    stream.consumed(source.bytes());
  }
}
