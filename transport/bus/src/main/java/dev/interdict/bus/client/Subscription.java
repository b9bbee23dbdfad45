package dev.interdict.bus.client;

import dev.interdict.bus.tls.PeerName;
import dev.interdict.bus.tls.Role;
import dev.interdict.bus.trust.Seal;
import dev.interdict.bus.trust.StreamKey;
import dev.interdict.bus.wire.FrameCheck;
import dev.interdict.bus.wire.Message;
import dev.interdict.bus.wire.MessageType;
import dev.interdict.bus.wire.WireException;
import dev.interdict.record.FrameHeader;
import dev.interdict.record.NodeId;
import dev.interdict.record.Position;
import dev.interdict.schema.Acknowledge;
import dev.interdict.schema.Credit;
import dev.interdict.schema.Goodbye;
import dev.interdict.schema.Progress;
import dev.interdict.schema.StreamEnd;
import dev.interdict.schema.Subscribe;
import dev.interdict.schema.Subscribed;
import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.ScheduledFuture;
import java.security.GeneralSecurityException;
import java.security.SignatureException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The wire side of a stream: asks, puts batches together, checks that they join, gives credit, and
 * asks again from where it was whenever it was cut off. Event loop only.
 *
 * <p>Credit: what the node may send plus what is held here is always brought up to the window.
 */
final class Subscription {
  private static final Logger log = LoggerFactory.getLogger(Subscription.class);
  private static final long FIRST_RETRY_MILLIS = 100;
  private static final long LAST_RETRY_MILLIS = 2000;
  private static final int NONE = 0;
  private static final int DEFAULT_LEASE_SECONDS = 30;

  private final BusClient client;
  private final EventStream stream;
  private final NodeId node;
  private final Subscribe request;
  private final long window;
  private final FrameCheck frames = new FrameCheck();

  private int number = NONE;
  private Subscribe asked;
  private StreamKey key;
  private Seal seal; // null: not yet agreed on, or not used
  private Position acknowledged; // null: nothing yet
  private long openedNanos;
  private volatile long heardNanos = System.nanoTime();
  private Position next; // null: live, and not yet told where that is
  private long outstanding;
  private long held;
  private List<ByteBuf> partial = new ArrayList<>();
  private long partialBytes;
  private long partialEpoch;
  private long partialFirst;
  private long partialLast;
  private long partialTime;
  private ScheduledFuture<?> retry;
  private ScheduledFuture<?> renewal;
  private long retryMillis = FIRST_RETRY_MILLIS;
  private boolean moved;
  private boolean closed;

  Subscription(
      BusClient client,
      EventStream stream,
      NodeId node,
      Subscribe request,
      long window,
      Position from) {
    this.client = client;
    this.stream = stream;
    this.node = node;
    this.request = request;
    this.window = window;
    this.next = from;
  }

  void open() {
    DialedConnection connection = client.connection();
    if (closed || number != NONE || connection == null) {
      return;
    }
    cancelRetry();
    number = client.attach(stream);
    held -= stream.takeConsumed();
    outstanding = Math.max(0, window - held);
    key = new StreamKey();
    seal = null;
    openedNanos = System.nanoTime();
    Subscribe.Builder ask = request.toBuilder().setCredit(outstanding).setKeyShare(key.share());
    if (!moved && !request.hasFrom()) {
      next = null; // by time, or live: where that is the node must say again
    }
    if (next != null) {
      ask.clearFromTime()
          .setFrom(
              dev.interdict.schema.Position.newBuilder()
                  .setNode(request.getNode())
                  .setEpoch(next.epoch())
                  .setSequence(next.sequence()));
    }
    if (connection.protocol() < 2) {
      ask.clearLeaseSeconds(); // the backplane would not pass on that it is renewed
    } else if (request.getLeaseSeconds() == 0) {
      ask.setLeaseSeconds(DEFAULT_LEASE_SECONDS);
    }
    asked = ask.build();
    connection.writeAndFlush(
        Message.of(connection.channel().alloc(), MessageType.SUBSCRIBE, number, asked));
    tellAcknowledged();
    if (ask.getLeaseSeconds() == 0) {
      return;
    }
    long third = TimeUnit.SECONDS.toMillis(ask.getLeaseSeconds()) / 3;
    renewal = client.loop().scheduleAtFixedRate(this::renew, third, third, TimeUnit.MILLISECONDS);
  }

  private void renew() {
    DialedConnection connection = client.connection();
    long lease = TimeUnit.SECONDS.toNanos(asked.getLeaseSeconds());
    boolean expectsSigns = seal != null || !client.acceptsUnsealed();
    if (number != NONE && connection != null && expectsSigns && silence() > lease) {
      log.warn(
          "node {} has not been heard for {} s: asking elsewhere", node, asked.getLeaseSeconds());
      openedNanos = System.nanoTime();
      connection.leave(
          Goodbye.Code.TIMEOUT, "no sign of node " + node + " on its stream, nor its end");
      return;
    }
    if (number != NONE && connection != null && connection.protocol() >= 2) {
      connection.writeAndFlush(Message.of(connection.channel().alloc(), MessageType.RENEW, number));
    }
  }

  /** Of the node, on this connection. */
  private long silence() {
    long now = System.nanoTime();
    return Math.min(now - heardNanos, now - openedNanos);
  }

  /** Told now, and again on each new connection. */
  void acknowledge(Position before) {
    acknowledged = before;
    tellAcknowledged();
  }

  private void tellAcknowledged() {
    DialedConnection connection = client.connection();
    if (acknowledged != null
        && number != NONE
        && connection != null
        && connection.protocol() >= 2) {
      connection.writeAndFlush(
          Message.of(
              connection.channel().alloc(),
              MessageType.ACKNOWLEDGE,
              number,
              Acknowledge.newBuilder()
                  .setEpoch(acknowledged.epoch())
                  .setSequence(acknowledged.sequence())
                  .build()));
    }
  }

  private void stopRenewing() {
    if (renewal != null) {
      renewal.cancel(false);
      renewal = null;
    }
  }

  void lost() {
    cancelRetry();
    stopRenewing();
    number = NONE;
    dropPartial();
  }

  void close() {
    closed = true;
    unsubscribe();
  }

  /** From a batch that was received but turned out to be damaged. */
  void startAgain(Position from, String why) {
    next = from;
    interrupt(why);
  }

  private void interrupt(String why) {
    log.warn("stream of node {} starts again at {}: {}", node, next, why);
    unsubscribe();
    retryLater();
  }

  private void unsubscribe() {
    cancelRetry();
    stopRenewing();
    dropPartial();
    if (number != NONE) {
      DialedConnection connection = client.connection();
      connection.writeAndFlush(
          Message.of(connection.channel().alloc(), MessageType.UNSUBSCRIBE, number));
      client.detach(number);
      number = NONE;
    }
  }

  private void retryLater() {
    if (!closed) {
      retry = client.loop().schedule(this::open, retryMillis, TimeUnit.MILLISECONDS);
      retryMillis = Math.min(2 * retryMillis, LAST_RETRY_MILLIS);
    }
  }

  private void cancelRetry() {
    if (retry != null) {
      retry.cancel(false);
      retry = null;
    }
  }

  void onMessage(MessageType type, ByteBuf message) {
    switch (type) {
      case FRAME -> onFrame(message);
      case PROGRESS -> {
        if (isGenuine(message)) {
          onProgress(
              Message.parse(message, Progress.parser()),
              (Message.flags(message) & Message.END_OF_BATCH) != 0);
        }
      }
      case SUBSCRIBED -> onSubscribed(Message.parse(message, Subscribed.parser()));
      case STREAM_END -> {
        StreamEnd end = Message.parse(message, StreamEnd.parser());
        // Only the node knows that there is no more; the other ends lead back to it.
        if (end.getCode() != StreamEnd.Code.DONE || isGenuine(message)) {
          onEnd(end);
        }
      }
      default -> throw WireException.protocol("unexpected type=" + type + " on a stream");
    }
  }

  /** Whether it ends with the node's seal; if it should and does not, the stream starts again. */
  private boolean isGenuine(ByteBuf message) {
    if (seal == null && client.acceptsUnsealed()) {
      heardNanos = System.nanoTime();
      return true;
    }
    if (seal != null) {
      seal.cover(message);
      if ((Message.flags(message) & Message.SEALED) != 0 && seal.isGenuine(message)) {
        heardNanos = System.nanoTime();
        return true;
      }
    }
    forged(
        Message.type(message)
            + (seal == null ? " before the key was agreed on" : ": the seal does not fit"));
    return false;
  }

  private void forged(String what) {
    unsubscribe();
    client.forged("stream of node " + node + ": " + what);
  }

  private boolean agreeOnKey(Subscribed subscribed) {
    if (subscribed.getKeyShare().isEmpty()) {
      if (!client.acceptsUnsealed()) {
        stream.end(
            StreamEnd.newBuilder()
                .setCode(StreamEnd.Code.REFUSED)
                .setMessage(
                    "node "
                        + node
                        + " does not authenticate its frames: it is too old, or the backplane"
                        + " keeps it from doing so")
                .build());
      }
      return client.acceptsUnsealed();
    }
    byte[] transcript =
        StreamKey.transcript(
            asked,
            subscribed.getKeyShare(),
            node,
            subscribed.getEpoch(),
            subscribed.getNextSequence());
    try {
      PeerName signer =
          client
              .signers()
              .verify(
                  transcript,
                  subscribed.getSignature(),
                  subscribed.getCertificateChainList(),
                  Instant.now());
      if (signer.role() != Role.NODE || !signer.id().equals(node.toString())) {
        throw new SignatureException("signed by " + signer);
      }
      seal = key.seal(subscribed.getKeyShare(), transcript);
    } catch (GeneralSecurityException e) {
      forged("the key was not agreed on with the node: " + e.getMessage());
      return false;
    }
    heardNanos = System.nanoTime();
    return true;
  }

  /** Since the node itself was last heard on this stream, or it was first asked for. */
  long silentNanos() {
    return System.nanoTime() - heardNanos;
  }

  private void onSubscribed(Subscribed subscribed) {
    if (seal != null || !agreeOnKey(subscribed)) {
      return;
    }
    if (next == null) {
      next = new Position(node, subscribed.getEpoch(), subscribed.getNextSequence());
      stream.startsAt(next);
    }
  }

  private void onFrame(ByteBuf message) {
    FrameHeader header = frames.header(message);
    if (header.nodeHi() != node.hi() || header.nodeLo() != node.lo()) {
      throw new WireException(
          Goodbye.Code.PROTOCOL, "frame of node=" + header.node() + " on the stream of " + node);
    }
    int length = Message.payloadLength(message);
    outstanding -= length;
    held += length;
    if (partial.isEmpty()) {
      partialEpoch = header.epoch();
      partialFirst = header.firstSequence();
      partialLast = header.lastSequence();
      partialTime = header.lastTime();
    } else {
      if (header.epoch() != partialEpoch) {
        throw WireException.protocol(
            "batch of epoch=" + partialEpoch + " has a frame of epoch=" + header.epoch());
      }
      partialFirst = Math.min(partialFirst, header.firstSequence());
      partialLast = Math.max(partialLast, header.lastSequence());
      partialTime = Math.max(partialTime, header.lastTime());
    }
    partial.add(message.retain());
    partialBytes += length;
    boolean ends = (Message.flags(message) & Message.END_OF_BATCH) != 0;
    if (!ends && seal != null) {
      seal.cover(message);
    } else if (ends && isGenuine(message)) {
      onBatch();
    }
  }

  private void onProgress(Progress progress, boolean endOfBatch) {
    if (!partial.isEmpty()) {
      if (!endOfBatch || progress.getEpoch() != partialEpoch) {
        throw WireException.protocol("progress in the middle of a batch");
      }
      partialLast = Math.max(partialLast, progress.getSequence());
      partialTime = Math.max(partialTime, progress.getTime());
      onBatch();
      return;
    }
    long epoch = progress.getEpoch();
    long sequence = progress.getSequence();
    if (next == null
        || epoch < next.epoch()
        || (epoch == next.epoch() && sequence < next.sequence())) {
      return;
    }
    long first = epoch == next.epoch() ? next.sequence() : 1;
    next = new Position(node, epoch, sequence + 1);
    moved = true;
    if (sequence > 0) {
      stream.add(new Incoming(List.of(), epoch, first, sequence, progress.getTime(), 0));
    }
  }

  private void onBatch() {
    if (next == null) {
      throw WireException.protocol("frame before the stream was told where it starts");
    }
    boolean joins =
        partialEpoch == next.epoch()
            ? partialFirst <= next.sequence() && partialLast >= next.sequence()
            : partialEpoch > next.epoch() && partialFirst == 1;
    if (!joins) {
      interrupt(
          "batch epoch="
              + partialEpoch
              + " range="
              + partialFirst
              + ".."
              + partialLast
              + " does not join on");
      return;
    }
    long first = partialEpoch == next.epoch() ? next.sequence() : 1;
    Incoming batch =
        new Incoming(partial, partialEpoch, first, partialLast, partialTime, partialBytes);
    partial = new ArrayList<>(partial.size());
    partialBytes = 0;
    if (!stream.add(batch)) {
      batch.release();
      held -= batch.bytes();
      return;
    }
    next = new Position(node, partialEpoch, partialLast + 1);
    moved = true;
    retryMillis = FIRST_RETRY_MILLIS;
  }

  private void dropPartial() {
    partial.forEach(ByteBuf::release);
    partial.clear();
    held -= partialBytes;
    partialBytes = 0;
  }

  void returnCredit() {
    held -= stream.takeConsumed();
    DialedConnection connection = client.connection();
    long due = window - held - outstanding;
    if (number == NONE || connection == null || due <= 0) {
      return;
    }
    outstanding += due;
    connection.writeAndFlush(
        Message.of(
            connection.channel().alloc(),
            MessageType.CREDIT,
            number,
            Credit.newBuilder().setBytes(due).build()));
  }

  private void onEnd(StreamEnd end) {
    client.detach(number);
    stopRenewing();
    number = NONE;
    dropPartial();
    switch (end.getCode()) {
      case DONE, FENCED, REFUSED -> stream.end(end);
      default -> {
        log.debug("stream of node {} at {}: {}, {}", node, next, end.getCode(), end.getMessage());
        retryLater();
      }
    }
  }
}
