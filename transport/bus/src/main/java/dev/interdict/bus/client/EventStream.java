package dev.interdict.bus.client;

import dev.interdict.bus.wire.MessageType;
import dev.interdict.record.InvalidFrameException;
import dev.interdict.record.NodeId;
import dev.interdict.record.Position;
import dev.interdict.schema.StreamEnd;
import dev.interdict.schema.Subscribe;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The events of one node. Survives lost connections, backplanes and nodes: it goes on where it was.
 * poll and the batch belong to one thread; the rest may be called by any.
 */
public final class EventStream implements AutoCloseable {
  private static final long DEFAULT_CREDIT = 1 << 20;
  private static final int MAX_DAMAGED = 3;

  private final BusClient client;
  private final NodeId node;
  private final long window;
  private final Subscription subscription;
  private final AtomicLong consumed = new AtomicLong();

  private final Object lock = new Object();
  private final ArrayDeque<Incoming> queue = new ArrayDeque<>();
  private CompletableFuture<Void> waiting = new CompletableFuture<>();
  private StreamEnd end;
  private Runnable onAvailable = () -> {};
  private boolean discarding; // a damaged batch was met: what follows it will come again

  private final EventBatch batch;
  private volatile Position resume;
  private Position damagedAt;
  private int damaged;

  EventStream(BusClient client, DecoderPool decoders, Subscribe request) {
    this.client = client;
    this.node = NodeId.parse(request.getNode());
    this.window = request.getCredit() == 0 ? DEFAULT_CREDIT : request.getCredit();
    this.batch =
        new EventBatch(this, node, decoders, request.getFromTime(), request.getUntilTime());
    if (request.hasFrom()) {
      resume = new Position(node, request.getFrom().getEpoch(), request.getFrom().getSequence());
    }
    this.subscription = new Subscription(client, this, node, request, window, resume);
  }

  /**
   * The next batch, or null if there is none now. It may hold no event: then it tells how far the
   * stream has come. The batch before it is given back, so its contents must not be used any more.
   */
  public EventBatch poll() {
    batch.close();
    Incoming incoming;
    synchronized (lock) {
      incoming = discarding ? null : queue.poll();
    }
    if (incoming == null) {
      return null;
    }
    try {
      batch.begin(incoming);
    } catch (InvalidFrameException e) {
      onDamaged(incoming, e);
      return null;
    }
    damaged = 0;
    resume = new Position(node, incoming.epoch(), incoming.lastSequence() + 1);
    return batch;
  }

  /** The same may be met again when the node sends it again; then there is no way past it. */
  private void onDamaged(Incoming incoming, InvalidFrameException cause) {
    Position at = new Position(node, incoming.epoch(), incoming.firstSequence());
    damaged = at.equals(damagedAt) ? damaged + 1 : 1;
    damagedAt = at;
    boolean hopeless = damaged >= MAX_DAMAGED;
    consumed(discard());
    String why = "batch at " + at + ": " + cause.getMessage();
    client.execute(
        () -> {
          synchronized (lock) {
            discarding = false;
          }
          if (hopeless) {
            end(StreamEnd.newBuilder().setCode(StreamEnd.Code.FAILED).setMessage(why).build());
          } else {
            subscription.startAgain(at, why);
          }
        });
  }

  /** Drops what is queued and all that comes; the bytes that it had. */
  private long discard() {
    long dropped = 0;
    synchronized (lock) {
      discarding = true;
      for (Incoming left = queue.poll(); left != null; left = queue.poll()) {
        dropped += left.bytes();
        left.release();
      }
    }
    return dropped;
  }

  /**
   * Completes, maybe on the bus thread, when poll has something to give or the stream has ended.
   */
  public CompletableFuture<Void> available() {
    synchronized (lock) {
      if (end != null || !queue.isEmpty()) {
        return CompletableFuture.completedFuture(null);
      }
      if (waiting.isDone()) {
        waiting = new CompletableFuture<>();
      }
      return waiting;
    }
  }

  /**
   * Where to go on after the batch that was polled last; null while a live stream has not yet been
   * told where it starts.
   */
  public Position resume() {
    return resume;
  }

  /**
   * How long the node itself has not been heard on this stream. It shows life every second even
   * when nothing happens, so that a longer silence means that it is away, cut off or withheld.
   */
  public Duration silent() {
    return Duration.ofNanos(subscription.silentNanos());
  }

  /**
   * Everything before the position is safe with this consumer, as {@link #resume} is after a batch
   * that was checkpointed: the node may let go of it, and keeps what comes after within its limits.
   * For streams with a fence.
   */
  public void acknowledge(Position before) {
    client.execute(() -> subscription.acknowledge(before));
  }

  /** Why no more will come; null while the stream lives or batches are left to poll. */
  public StreamEnd end() {
    synchronized (lock) {
      return queue.isEmpty() ? end : null;
    }
  }

  @Override
  public void close() {
    batch.close();
    client.execute(() -> cancel("closed"));
  }

  /** Consumer's thread. Small amounts wait for more, so that not every batch costs a message. */
  void consumed(long bytes) {
    if (bytes > 0 && consumed.addAndGet(bytes) >= window / 4) {
      client.execute(subscription::returnCredit);
    }
  }

  // What follows runs on the event loop.

  long takeConsumed() {
    return consumed.getAndSet(0);
  }

  NodeId node() {
    return node;
  }

  /** Called whenever poll may have something to give, or the stream has ended. */
  void onAvailable(Runnable listener) {
    client.execute(() -> onAvailable = listener);
  }

  void open() {
    subscription.open();
  }

  void lost() {
    subscription.lost();
  }

  void onMessage(MessageType type, ByteBuf message) {
    subscription.onMessage(type, message);
  }

  /** A live stream has been told where it starts. */
  void startsAt(Position position) {
    if (resume == null) {
      resume = position;
    }
  }

  /** False if it was not taken and is still the caller's. */
  boolean add(Incoming incoming) {
    CompletableFuture<Void> toWake;
    synchronized (lock) {
      if (discarding) {
        return false;
      }
      Incoming last = queue.peekLast();
      if (incoming.isProgress()
          && last != null
          && last.isProgress()
          && last.epoch() == incoming.epoch()) {
        queue.pollLast();
        queue.addLast(
            new Incoming(
                incoming.messages(),
                incoming.epoch(),
                last.firstSequence(),
                incoming.lastSequence(),
                Math.max(last.time(), incoming.time()),
                0));
      } else {
        queue.addLast(incoming);
      }
      toWake = waiting;
    }
    toWake.complete(null);
    onAvailable.run();
    return true;
  }

  /** Nobody will poll what is left. */
  void cancel(String why) {
    discard();
    end(StreamEnd.newBuilder().setCode(StreamEnd.Code.CANCELLED).setMessage(why).build());
  }

  void end(StreamEnd reason) {
    subscription.close();
    client.forget(this);
    CompletableFuture<Void> toWake;
    synchronized (lock) {
      if (end == null) {
        end = reason;
      }
      toWake = waiting;
    }
    toWake.complete(null);
    onAvailable.run();
  }
}
