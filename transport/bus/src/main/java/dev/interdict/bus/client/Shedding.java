package dev.interdict.bus.client;

import dev.interdict.record.FrameDecoder;
import dev.interdict.record.FrameEncoder;
import dev.interdict.record.FrameHeader;
import dev.interdict.record.NodeId;
import dev.interdict.schema.Event;
import dev.interdict.schema.Gap;
import dev.interdict.schema.Kind;
import dev.interdict.schema.Kinds;
import dev.interdict.schema.Lane;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;

/**
 * What one live stream leaves out because its consumer is too slow: the file lane first, then
 * network, and processes last. It is counted, told as a Gap, and still in the recorder. One thread.
 */
final class Shedding implements AutoCloseable {
  private static final int NETWORK_FACTOR = 2;
  private static final int PROCESS_FACTOR = 8;

  /** What was left out of one lane and has not been told. */
  private static final class Lost {
    final int lane;
    long count;
    long number; // of an event among it: the Gap's
    long firstSequence;
    long lastSequence;
    long fromTime;
    long untilTime;

    Lost(int lane) {
      this.lane = lane;
    }
  }

  private final long afterNanos;
  private final Lost[] lanes = new Lost[FrameHeader.MAX_LANES];
  private final FrameHeader header = new FrameHeader();
  private FrameDecoder decoder;
  private FrameEncoder encoder;
  private volatile long total;

  /** {@code after}: how far behind a stream may be before files are left out. */
  Shedding(Duration after) {
    afterNanos = after.toNanos();
    Arrays.setAll(lanes, Lost::new);
  }

  boolean isDue(long behindNanos) {
    return behindNanos >= afterNanos;
  }

  /** Whether the frame is sent by a stream that is so far behind. Gaps always are. */
  boolean keeps(ByteBuffer frame, long behindNanos) {
    header.wrap(frame, frame.position());
    boolean tellsOfGaps = (header.kinds() & Kinds.bit(Kind.GAP)) != 0;
    long patience =
        switch (header.lane()) {
          case Lane.PROCESS_VALUE -> PROCESS_FACTOR * afterNanos;
          case Lane.NETWORK_VALUE -> NETWORK_FACTOR * afterNanos;
          default -> afterNanos;
        };
    return tellsOfGaps || behindNanos < patience;
  }

  void add(ByteBuffer frame) {
    header.wrap(frame, frame.position());
    Lost lost = lanes[header.lane()];
    if (lost.count == 0) {
      lost.number = firstEvent(frame);
      lost.firstSequence = header.firstSequence();
      lost.fromTime = header.firstTime();
      lost.untilTime = header.lastTime();
    }
    lost.count += header.count();
    lost.lastSequence = header.lastSequence();
    lost.fromTime = Math.min(lost.fromTime, header.firstTime());
    lost.untilTime = Math.max(lost.untilTime, header.lastTime());
    total = total + header.count();
  }

  private long firstEvent(ByteBuffer frame) {
    if (decoder == null) {
      decoder = new FrameDecoder();
    }
    decoder.wrap(frame).next();
    return decoder.sequence();
  }

  boolean isUntold() {
    return Arrays.stream(lanes).anyMatch(lost -> lost.count > 0);
  }

  /** Events left out since the stream began. */
  long total() {
    return total;
  }

  /** A frame of Gaps for what was left out, which must lie in the range; valid until the next. */
  ByteBuffer tell(NodeId node, long epoch, long first, long last, long time) {
    if (encoder == null) {
      encoder = new FrameEncoder();
    }
    encoder.begin(node, epoch, Lane.PROCESS_VALUE, first);
    Lost[] untold =
        Arrays.stream(lanes)
            .filter(lost -> lost.count > 0)
            .sorted(Comparator.comparingLong(lost -> lost.number))
            .toArray(Lost[]::new);
    for (Lost lost : untold) {
      byte[] gap = event(lost, time);
      encoder.add(lost.number, gap, 0, gap.length);
      lost.count = 0;
    }
    return encoder.finish(last, FrameHeader.FLAG_SYNTHETIC | FrameHeader.FLAG_FILTERED | 1);
  }

  private static byte[] event(Lost lost, long time) {
    return Event.newBuilder()
        .setTime(Math.max(1, time))
        .setKind(Kind.GAP)
        .setGap(
            Gap.newBuilder()
                .setReason(Gap.Reason.SHED)
                .setLaneValue(lost.lane)
                .setCount(lost.count)
                .setCounted(true)
                .setFromTime(lost.fromTime)
                .setUntilTime(lost.untilTime)
                .setFirstSequence(lost.firstSequence)
                .setLastSequence(lost.lastSequence))
        .build()
        .toByteArray();
  }

  @Override
  public void close() {
    if (decoder != null) {
      decoder.close();
    }
    if (encoder != null) {
      encoder.close();
    }
  }
}
