package dev.interdict.bus.client;

import dev.interdict.bus.wire.Message;
import dev.interdict.bus.wire.MessageType;
import dev.interdict.record.EventPredicate;
import dev.interdict.record.FrameHeader;
import dev.interdict.record.NodeId;
import dev.interdict.record.Position;
import dev.interdict.record.Recorder;
import dev.interdict.record.RecorderReader;
import dev.interdict.schema.Kinds;
import dev.interdict.schema.Progress;
import dev.interdict.schema.Scope;
import dev.interdict.schema.ScopeFilter;
import dev.interdict.schema.StreamEnd;
import dev.interdict.schema.Subscribe;
import dev.interdict.schema.Subscribed;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One subscription being served from the recorder. serve and close belong to the serve loop that
 * has it; grant and end may be called by any thread, which then wakes that loop.
 */
final class ServedStream {
  /** What the serve loop does with it next. */
  enum Turn {
    MORE,
    WAITING,
    ELSEWHERE,
    OVER
  }

  private static final Logger log = LoggerFactory.getLogger(ServedStream.class);

  // One slice of work: long enough to fill a TLS record many times, short enough for the others.
  private static final int SLICE_BYTES = 512 << 10;
  private static final int SLICE_BATCHES = 64;
  private static final long PROGRESS_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
  // A stream whose end lies in the past and that is at the head waits this long for late events.
  private static final long UNTIL_GRACE_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final int MAX_LEASE_SECONDS = 3600;

  private final Recorder recorder;
  private final DialedConnection connection;
  private final int number;
  private final Subscribe request;
  private final Consumer<ServedStream> onOver;
  private final AtomicLong credit;
  private volatile StreamEnd end;
  private volatile boolean silent;
  private volatile long renewedNanos = System.nanoTime();

  private final FrameHeader header = new FrameHeader();
  private RecorderReader reader;
  private boolean live;
  private long epoch;
  private long next; // what the consumer expects
  private boolean progressDue;
  private long progressEpoch;
  private long progressSequence;
  private long progressTime;
  private long clock; // the latest time told
  private long lastProgressNanos = System.nanoTime();

  /** {@code onOver} runs once, on the connection's event loop. */
  ServedStream(
      Recorder recorder,
      DialedConnection connection,
      int number,
      Subscribe request,
      Consumer<ServedStream> onOver) {
    this.onOver = onOver;
    this.recorder = recorder;
    this.connection = connection;
    this.number = number;
    this.request = request;
    this.credit = new AtomicLong(request.getCredit());
  }

  int number() {
    return number;
  }

  void grant(long bytes) {
    credit.addAndGet(bytes);
  }

  /** The consumer is still there. */
  void renew() {
    renewedNanos = System.nanoTime();
  }

  /** What this stream needs the node to observe; null if it only asks for what has been. */
  Wanted.Interest interest() {
    long until = request.getUntilTime();
    boolean past = until != 0 && until <= TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis());
    if (past || request.getKindsValueList().stream().anyMatch(kind -> kind >>> 6 != 0)) {
      return null; // kinds that cannot be: refused when it is its turn
    }
    return new Wanted.Interest(kinds(), request.getScope());
  }

  private long kinds() {
    if (request.getKindsCount() == 0) {
      return Kinds.ALL;
    }
    long kinds = 0;
    for (int kind : request.getKindsValueList()) {
      kinds |= Kinds.bit(kind);
    }
    return kinds;
  }

  /** The consumer is told why. */
  void end(StreamEnd.Code code, String why) {
    end = StreamEnd.newBuilder().setCode(code).setMessage(why).build();
  }

  /** The consumer does not listen any more. */
  void cancel() {
    silent = true;
  }

  Turn serve() {
    if (silent) {
      return Turn.OVER;
    }
    Turn turn = Turn.OVER;
    long lease = TimeUnit.SECONDS.toNanos(request.getLeaseSeconds());
    if (end == null && lease > 0 && System.nanoTime() - renewedNanos > lease) {
      end(
          StreamEnd.Code.LAPSED,
          "the lease was not renewed within " + request.getLeaseSeconds() + " s");
    }
    try {
      if (end == null && reader == null) {
        open();
      }
      if (end == null) {
        turn = readOn();
      }
    } catch (IOException e) {
      end(StreamEnd.Code.FAILED, "cannot read the recorder: " + e.getMessage());
    }
    if (end == null) {
      return turn;
    }
    connection.writeAndFlush(Message.of(allocator(), MessageType.STREAM_END, number, end));
    return Turn.OVER;
  }

  private void open() throws IOException {
    try {
      reader = newReader();
    } catch (IllegalArgumentException e) {
      end(StreamEnd.Code.REFUSED, String.valueOf(e.getMessage()));
      return;
    }
    connection.writeAndFlush(
        Message.of(
            allocator(),
            MessageType.SUBSCRIBED,
            number,
            Subscribed.newBuilder().setEpoch(epoch).setNextSequence(next).build()));
  }

  private RecorderReader newReader() throws IOException {
    if (Integer.compareUnsigned(request.getLeaseSeconds(), MAX_LEASE_SECONDS) > 0) {
      throw new IllegalArgumentException(
          "invalid lease_seconds="
              + Integer.toUnsignedString(request.getLeaseSeconds())
              + " limit="
              + MAX_LEASE_SECONDS);
    }
    long kinds = kinds();
    EventPredicate wanted =
        request.getScope().equals(Scope.getDefaultInstance())
            ? null
            : new ScopeFilter(request.getScope())::matches;
    if (request.hasFrom()) {
      NodeId node = NodeId.parse(request.getFrom().getNode());
      if (!node.equals(recorder.node())) {
        throw new IllegalArgumentException(
            "position of node=" + node + " asked of node=" + recorder.node());
      }
      epoch = request.getFrom().getEpoch();
      next = request.getFrom().getSequence();
      return recorder.reader(new Position(node, epoch, next), kinds, wanted);
    }
    RecorderReader opened =
        request.getFromTime() != 0
            ? recorder.readerFromTime(request.getFromTime(), kinds, wanted)
            : recorder.readerFromHead(kinds, wanted);
    epoch = opened.resume().epoch();
    next = opened.resume().sequence();
    return opened;
  }

  private Turn readOn() throws IOException {
    Channel channel = connection.channel();
    int bytes = 0;
    int batches = 0;
    Turn turn = Turn.MORE;
    while (end == null && !silent) {
      if (credit.get() <= 0 || !channel.isWritable()) {
        turn = Turn.WAITING;
        break;
      }
      if (bytes >= SLICE_BYTES || batches >= SLICE_BATCHES) {
        turn = live ? Turn.ELSEWHERE : Turn.MORE;
        live = false;
        break;
      }
      if (!reader.next()) {
        turn = live ? Turn.WAITING : Turn.ELSEWHERE;
        live = true;
        atHead();
        break;
      }
      batches++;
      bytes += pass();
      long until = request.getUntilTime();
      if (until != 0 && reader.time() >= until) {
        end(StreamEnd.Code.DONE, "until_time reached");
      }
    }
    sendProgressIfDue(System.nanoTime());
    if (bytes > 0) {
      channel.flush();
    }
    return turn;
  }

  private void atHead() {
    long until = request.getUntilTime();
    if (until == 0) {
      return;
    }
    long now = TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis());
    if (now - UNTIL_GRACE_NANOS >= until) {
      end(StreamEnd.Code.DONE, "until_time lies in the past and all of the recorder was read");
    }
  }

  /** Sends the batch, or notes that there was nothing in it for this consumer. */
  private int pass() {
    int frames = reader.frames();
    if (frames == 0) {
      note(reader.epoch(), reader.lastSequence(), reader.time());
      return 0;
    }
    long first = Long.MAX_VALUE;
    long last = 0;
    for (int i = 0; i < frames; i++) {
      ByteBuffer frame = reader.frame(i);
      header.wrap(frame, frame.position());
      first = Math.min(first, header.firstSequence());
      last = Math.max(last, header.lastSequence());
    }
    boolean joins = reader.epoch() == epoch ? first <= next : first == 1;
    if (!joins) {
      note(reader.epoch(), first - 1, clock);
      sendProgress(0);
    }
    progressDue = false;
    boolean goesOn = reader.lastSequence() > last;
    int bytes = 0;
    for (int i = 0; i < frames; i++) {
      ByteBuffer frame = reader.frame(i);
      int flags = i == frames - 1 && !goesOn ? Message.END_OF_BATCH : 0;
      bytes += frame.remaining();
      connection.write(Message.frame(allocator(), flags, number, frame));
    }
    credit.addAndGet(-bytes);
    epoch = reader.epoch();
    next = last + 1;
    clock = reader.time();
    if (goesOn) {
      note(epoch, reader.lastSequence(), reader.time());
      sendProgress(Message.END_OF_BATCH);
    }
    return bytes;
  }

  private void note(long ofEpoch, long sequence, long time) {
    progressDue = true;
    progressEpoch = ofEpoch;
    progressSequence = sequence;
    progressTime = time;
  }

  /** How long the consumer's clock may still stand; the longest value if nothing is untold. */
  long nanosToProgress(long now) {
    return progressDue ? Math.max(0, lastProgressNanos + PROGRESS_NANOS - now) : Long.MAX_VALUE;
  }

  private void sendProgressIfDue(long now) {
    if (nanosToProgress(now) == 0) {
      sendProgress(0);
      connection.channel().flush();
    }
  }

  private void sendProgress(int flags) {
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

  private ByteBufAllocator allocator() {
    return connection.channel().alloc();
  }

  void close() {
    connection.channel().eventLoop().execute(() -> onOver.accept(this));
    if (reader == null) {
      return;
    }
    try {
      reader.close();
    } catch (IOException e) {
      log.warn("reader of stream {} for {}", number, request.getConsumer(), e);
    }
  }
}
