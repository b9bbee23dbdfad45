package dev.interdict.bus.client;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.interdict.bus.tls.Identity;
import dev.interdict.bus.trust.Seal;
import dev.interdict.bus.trust.StreamKey;
import dev.interdict.bus.wire.Message;
import dev.interdict.bus.wire.MessageType;
import dev.interdict.record.FrameHeader;
import dev.interdict.record.NodeId;
import dev.interdict.schema.Progress;
import dev.interdict.schema.StreamEnd;
import dev.interdict.schema.Subscribe;
import dev.interdict.schema.Subscribed;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The wire side of a stream that is served: batches, and how far it has come where there was
 * nothing to send, so that the ranges join. The serve loop that has the stream.
 */
final class StreamWriter {
  private static final long PROGRESS_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
  // Also where nothing has happened, so that the consumer can tell that from being cut off.
  private static final long SIGN_OF_LIFE_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final DialedConnection connection;
  private final int number;
  private Seal seal; // null: the consumer gave no share
  private final FrameHeader header = new FrameHeader();

  // Read by other threads for the status only.
  private volatile long epoch;
  private volatile long next; // what the consumer expects
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

  /** Tells where the stream begins; from then on all is sealed, if the consumer gave its share. */
  void startsAt(long firstEpoch, long firstSequence, Subscribe asked, Identity identity) {
    epoch = firstEpoch;
    next = firstSequence;
    Subscribed.Builder begins = Subscribed.newBuilder().setEpoch(epoch).setNextSequence(next);
    if (!asked.getKeyShare().isEmpty()) {
      StreamKey key = new StreamKey();
      byte[] transcript =
          StreamKey.transcript(asked, key.share(), NodeId.parse(identity.id()), epoch, next);
      try {
        seal = key.seal(asked.getKeyShare(), transcript);
      } catch (GeneralSecurityException e) {
        throw new IllegalArgumentException("invalid key_share: " + e.getMessage(), e);
      }
      begins
          .setKeyShare(key.share())
          .setSignature(UnsafeByteOperations.unsafeWrap(identity.sign(transcript)));
      identity
          .encodedChain()
          .forEach(certificate -> begins.addCertificateChain(ByteString.copyFrom(certificate)));
    }
    connection.writeAndFlush(
        Message.of(allocator(), MessageType.SUBSCRIBED, number, begins.build()));
  }

  private int sealed(int flags) {
    return seal == null ? flags : flags | Message.SEALED;
  }

  private void write(ByteBuf message) {
    if (seal != null) {
      seal.cover(message);
      if ((Message.flags(message) & Message.SEALED) != 0) {
        seal.put(message);
      }
    }
    connection.write(message);
  }

  long epoch() {
    return epoch;
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
      int end = i == frames.size() - 1 && !goesOn ? sealed(Message.END_OF_BATCH) : 0;
      bytes += frame.remaining();
      write(Message.frame(allocator(), flags | end, number, frame));
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

  /** How long the consumer may still go without word. */
  long nanosToProgress(long now) {
    long pause = progressDue ? PROGRESS_NANOS : SIGN_OF_LIFE_NANOS;
    return Math.max(0, lastProgressNanos + pause - now);
  }

  void progressIfDue(long now) {
    if (nanosToProgress(now) == 0) {
      if (!progressDue) {
        note(epoch, next - 1, clock);
      }
      progress(0);
      connection.channel().flush();
    }
  }

  private void progress(int flags) {
    write(
        Message.of(
            allocator(),
            MessageType.PROGRESS,
            sealed(flags),
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
    write(Message.of(allocator(), MessageType.STREAM_END, sealed(0), number, end));
    connection.channel().flush();
  }

  private ByteBufAllocator allocator() {
    return connection.channel().alloc();
  }
}
