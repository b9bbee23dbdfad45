package dev.interdict.bus.client;

import dev.interdict.bus.tls.Identity;
import dev.interdict.bus.wire.Message;
import dev.interdict.record.EventPredicate;
import dev.interdict.record.NodeId;
import dev.interdict.record.Position;
import dev.interdict.record.Recorder;
import dev.interdict.record.RecorderReader;
import dev.interdict.schema.Acknowledge;
import dev.interdict.schema.Kinds;
import dev.interdict.schema.NodeStatus;
import dev.interdict.schema.Scope;
import dev.interdict.schema.ScopeFilter;
import dev.interdict.schema.StreamEnd;
import dev.interdict.schema.Subscribe;
import io.netty.channel.Channel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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
  // Of what is queued in the connection history leaves so much to those that are live.
  private static final int ROOM_FOR_LIVE = 512 << 10;
  private static final long ROOM_CHECK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
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

  private final StreamWriter writer;
  private final Identity identity;
  private final HeadClock head;
  private final Shedding shedding; // null: it lags instead
  private final List<ByteBuffer> chosen = new ArrayList<>();
  private RecorderReader reader;
  private long startEpoch;
  private long startSequence;
  private volatile boolean live;
  private boolean reachedHead;
  private boolean waitsForRoom;

  /** {@code onOver} runs once, on the connection's event loop. */
  ServedStream(
      Recorder recorder,
      DialedConnection connection,
      int number,
      Subscribe request,
      Identity identity,
      HeadClock head,
      Duration shedAfter,
      Consumer<ServedStream> onOver) {
    this.onOver = onOver;
    this.recorder = recorder;
    this.connection = connection;
    this.number = number;
    this.request = request;
    this.credit = new AtomicLong(request.getCredit());
    this.identity = identity;
    this.head = head;
    this.shedding = request.getCheckpointed() ? null : new Shedding(shedAfter);
    this.writer = new StreamWriter(connection, number);
  }

  int number() {
    return number;
  }

  /** Whose it is, for fair shares. */
  String consumer() {
    return request.getConsumer();
  }

  void grant(long bytes) {
    credit.addAndGet(bytes);
  }

  /** Only of a named consumer, one with a fence, is anything kept. */
  void acknowledge(Acknowledge acknowledged) {
    if (request.getFence() == 0) {
      return;
    }
    try {
      recorder.hold(
          request.getConsumer(),
          new Position(recorder.node(), acknowledged.getEpoch(), acknowledged.getSequence()),
          kinds());
    } catch (IllegalArgumentException e) {
      log.warn("acknowledgement of {} is not taken: {}", request.getConsumer(), e.getMessage());
    }
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
    long distinct = 0;
    for (int kind : request.getDistinctValueList()) {
      distinct |= Kinds.bit(kind & (Kinds.LIMIT - 1));
    }
    return new Wanted.Interest(kinds(), request.getScope(), distinct);
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
    writer.end(end);
    return Turn.OVER;
  }

  private void open() throws IOException {
    try {
      reader = newReader();
      writer.startsAt(startEpoch, startSequence, request, identity);
    } catch (IllegalArgumentException e) {
      end(StreamEnd.Code.REFUSED, String.valueOf(e.getMessage()));
    }
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
      startEpoch = request.getFrom().getEpoch();
      startSequence = request.getFrom().getSequence();
      return recorder.reader(new Position(node, startEpoch, startSequence), kinds, wanted);
    }
    RecorderReader opened =
        request.getFromTime() != 0
            ? recorder.readerFromTime(request.getFromTime(), kinds, wanted)
            : recorder.readerFromHead(kinds, wanted);
    startEpoch = opened.resume().epoch();
    startSequence = opened.resume().sequence();
    return opened;
  }

  private Turn readOn() throws IOException {
    Channel channel = connection.channel();
    int bytes = 0;
    int batches = 0;
    Turn turn = Turn.MORE;
    while (end == null && !silent) {
      if (credit.get() <= 0 || !hasRoom(channel)) {
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
        reachedHead = true;
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
    if (shedding != null && shedding.isUntold()) {
      chosen.clear();
      bytes += tellShed(reader.lastSequence());
    }
    writer.progressIfDue(System.nanoTime());
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

  private boolean hasRoom(Channel channel) {
    waitsForRoom = !live && channel.isWritable() && channel.bytesBeforeUnwritable() < ROOM_FOR_LIVE;
    return channel.isWritable() && !waitsForRoom;
  }

  /** Sends the batch, or notes that there was nothing in it for this consumer. */
  private int pass() {
    boolean mayShed = shedding != null && reachedHead;
    long behind = mayShed ? head.nanosSince(reader.firstSequence(), System.nanoTime()) : 0;
    chosen.clear();
    for (int i = 0; i < reader.frames(); i++) {
      ByteBuffer frame = reader.frame(i);
      if (!mayShed || !shedding.isDue(behind) || shedding.keeps(frame, behind)) {
        chosen.add(frame);
      } else {
        shedding.add(frame);
      }
    }
    if (mayShed && shedding.isUntold()) {
      return chosen.isEmpty() ? 0 : tellShed(reader.lastSequence());
    }
    if (chosen.isEmpty()) {
      writer.note(reader.epoch(), reader.lastSequence(), reader.time());
      return 0;
    }
    return send(reader.lastSequence());
  }

  /** What was left out, together with the frames chosen since: a batch that covers both. */
  private int tellShed(long last) {
    long first = writer.next(reader.epoch());
    chosen.add(shedding.tell(recorder.node(), reader.epoch(), first, last, reader.time()));
    return send(last);
  }

  private int send(long covered) {
    int bytes =
        writer.batch(chosen, reader.epoch(), covered, reader.time(), live ? Message.LIVE : 0);
    credit.addAndGet(-bytes);
    return bytes;
  }

  /** Any thread. */
  NodeStatus.Stream status() {
    long epoch = writer.epoch();
    long next = writer.next(epoch);
    boolean present = epoch == recorder.epoch();
    long behind = present ? recorder.lastSequence() + 1 - next : 0;
    long since = present && behind > 0 ? head.nanosSince(next, System.nanoTime()) : 0;
    return NodeStatus.Stream.newBuilder()
        .setConsumer(request.getConsumer())
        .setEpoch(epoch)
        .setNextSequence(next)
        .setBehind(behind)
        .setBehindMillis(TimeUnit.NANOSECONDS.toMillis(since))
        .setShed(shedding == null ? 0 : shedding.total())
        .setCredit(credit.get())
        .setLive(live)
        .build();
  }

  /** How long the loop may sleep for this stream, unless it is woken. */
  long nanosToWork(long now) {
    return waitsForRoom ? ROOM_CHECK_NANOS : writer.nanosToProgress(now);
  }

  void close() {
    connection.channel().eventLoop().execute(() -> onOver.accept(this));
    if (shedding != null) {
      shedding.close();
    }
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
