package dev.interdict.record;

import dev.interdict.schema.Kinds;
import java.nio.ByteBuffer;

/** Gives a frame as it is where everything in it is wanted, and makes a smaller one otherwise. */
final class FrameFilter implements AutoCloseable {
  private final long kinds;
  private final EventPredicate wanted; // null: all of the kinds
  private final FrameDecoder decoder = new FrameDecoder();
  private final FrameEncoder[] encoders = new FrameEncoder[FrameHeader.MAX_LANES];
  private long from;
  private long fromTime = Long.MIN_VALUE;

  FrameFilter(long kinds, EventPredicate wanted) {
    this.kinds = kinds;
    this.wanted = wanted;
  }

  void from(long sequence) {
    from = sequence;
  }

  void fromTime(long time) {
    fromTime = time;
  }

  /** Null if nothing is wanted. A frame that was made is valid until the next one of its lane. */
  ByteBuffer apply(FrameHeader header, ByteBuffer frame) {
    if ((header.kinds() & kinds) == 0) {
      return null;
    }
    boolean whole =
        (header.kinds() & ~kinds) == 0
            && header.firstSequence() >= from
            && header.firstTime() >= fromTime;
    return whole && wanted == null ? frame : rebuild(frame);
  }

  @Override
  public void close() {
    decoder.close();
    for (FrameEncoder encoder : encoders) {
      if (encoder != null) {
        encoder.close();
      }
    }
  }

  private ByteBuffer rebuild(ByteBuffer frame) {
    decoder.wrap(frame);
    FrameHeader header = decoder.header();
    FrameEncoder encoder = encoders[header.lane()];
    if (encoder == null) {
      encoder = new FrameEncoder();
      encoders[header.lane()] = encoder;
    }
    encoder.begin(
        header.node(), header.epoch(), header.lane(), Math.max(from, header.firstSequence()));
    while (decoder.next()) {
      if (decoder.sequence() >= from
          && decoder.time() >= fromTime
          && (Kinds.bit(decoder.kind()) & kinds) != 0
          && (wanted == null || wanted.test(decoder.array(), decoder.offset(), decoder.length()))) {
        encoder.add(decoder.sequence(), decoder.array(), decoder.offset(), decoder.length());
      }
    }
    if (encoder.count() == header.count() && header.firstSequence() >= from) {
      return frame; // untouched, and not compressed again
    }
    return encoder.count() == 0
        ? null
        : encoder.finish(header.lastSequence(), header.flags() | FrameHeader.FLAG_FILTERED);
  }
}
