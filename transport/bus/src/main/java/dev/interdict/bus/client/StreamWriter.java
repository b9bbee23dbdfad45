package dev.interdict.bus.client;

import dev.interdict.bus.wire.Message;
import dev.interdict.bus.wire.MessageType;
import dev.interdict.record.FrameHeader;
import dev.interdict.schema.Progress;
import dev.interdict.schema.StreamEnd;
import dev.interdict.schema.Subscribed;
import io.netty.buffer.ByteBufAllocator;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The wire side of a stream that is served: batches, and how far it has come where there was
 * nothing to send, so that the ranges join. The serve loop that has the stream.
 */
final class StreamWriter {
  private static final long PROGRESS_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  private final DialedConnection connection;
  private final int number;
  private final FrameHeader header = new FrameHeader();

  private long epoch;
  private long next; // what the consumer expects
  private long clock; // the latest time told
  private boolean progressDue;
  private long progressEpoch;
  private long progressSequence;
  private long progressTime;
  private long lastProgressNanos = System.nanoTime();

  StreamWriter(DialedConnection connection, int number) {
    this.connection = connection;
    this.number = number;
  }

  void startsAt(long firstEpoch, long firstSequence) {
    epoch = firstEpoch;
    next = firstSequence;
    connection.writeAndFlush(
        Message.of(
            allocator(),
            MessageType.SUBSCRIBED,
            number,
            Subscribed.newBuilder().setEpoch(epoch).setNextSequence(next).build()));
  }

  /** The first sequence in the epoch that the consumer has not been told of. */
  long next(long ofEpoch) {
    return ofEpoch == epoch ? next : 1;
  }

  /**
   * @param frames at least one
   * @param covered the last sequence that the batch speaks for
   * @return bytes of the frames
   */
  int batch(List<ByteBuffer> frames, long ofEpoch, long covered, long time, int flags) {
    long first = Long.MAX_VALUE;
    long last = 0;
    for (int i = 0; i < frames.size(); i++) {
      ByteBuffer frame = frames.get(i);
      header.wrap(frame, frame.position());
      first = Math.min(first, header.firstSequence());
      last = Math.max(last, header.lastSequence());
    }
    if (first > next(ofEpoch)) {
      note(ofEpoch, first - 1, clock);
      progress(0);
    }
    progressDue = false;
    boolean goesOn = covered > last;
    int bytes = 0;
    for (int i = 0; i < frames.size(); i++) {
      ByteBuffer frame = frames.get(i);
      int end = i == frames.size() - 1 && !goesOn ? Message.END_OF_BATCH : 0;
      bytes += frame.remaining();
      connection.write(Message.frame(allocator(), flags | end, number, frame));
    }
    epoch = ofEpoch;
    next = last + 1;
    clock = time;
    if (goesOn) {
      note(epoch, covered, time);
      progress(flags | Message.END_OF_BATCH);
    }
    return bytes;
  }

  /** Up to here there was nothing for the consumer, who is told so in time. */
  void note(long ofEpoch, long sequence, long time) {
    progressDue = true;
    progressEpoch = ofEpoch;
    progressSequence = sequence;
    progressTime = time;
  }

  /** How long the consumer's clock may still stand; the longest value if nothing is untold. */
  long nanosToProgress(long now) {
    return progressDue ? Math.max(0, lastProgressNanos + PROGRESS_NANOS - now) : Long.MAX_VALUE;
  }

  void progressIfDue(long now) {
    if (nanosToProgress(now) == 0) {
      progress(0);
      connection.channel().flush();
    }
  }

  private void progress(int flags) {
    connection.write(
        Message.of(
            allocator(),
            MessageType.PROGRESS,
            flags,
            number,
            Progress.newBuilder()
                .setEpoch(progressEpoch)
                .setSequence(progressSequence)
                .setTime(progressTime)
                .build()));
    epoch = progressEpoch;
    next = progressSequence + 1;
    clock = progressTime;
    progressDue = false;
    lastProgressNanos = System.nanoTime();
  }

  void end(StreamEnd end) {
    connection.writeAndFlush(Message.of(allocator(), MessageType.STREAM_END, number, end));
  }

  private ByteBufAllocator allocator() {
    return connection.channel().alloc();
  }
}
