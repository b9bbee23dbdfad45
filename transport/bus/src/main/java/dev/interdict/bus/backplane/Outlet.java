package dev.interdict.bus.backplane;

import io.netty.channel.Channel;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The way out to one consumer. The streams that have something take turns of a number of bytes
 * (deficit round robin), so that no node is heard at the expense of another; those at the head of
 * their recorder go before those that replay. Nothing is written that the connection would only
 * queue. All but the first three methods: the consumer's event loop.
 */
// Tasks of the loop end in another turn.
@SuppressWarnings("FutureReturnValueIgnored")
final class Outlet {
  static final int QUANTUM = 64 << 10;

  /** Turns of live streams before one of history, if both wait. */
  private static final int LIVE_TURNS = 8;

  private final Channel channel;
  private final FairShare share;
  private final TokenBucket rate;
  private final BackplaneCounters counters;
  private final ConcurrentLinkedQueue<Relay> arriving = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean scheduled = new AtomicBoolean();
  private final AtomicLong queued = new AtomicLong();

  private final Deque<Relay> live = new ArrayDeque<>();
  private final Deque<Relay> history = new ArrayDeque<>();
  private volatile boolean closed;
  private int liveTurns;
  private boolean waitsForShare;
  private boolean hasShare;
  private boolean waitsForRate;
  private boolean waitsForNode;
  private long nodePause;

  Outlet(Channel channel, FairShare share, TokenBucket rate, BackplaneCounters counters) {
    this.channel = channel;
    this.share = share;
    this.rate = rate;
    this.counters = counters;
  }

  /** The relay had nothing to send before. Any thread; followed by a wake. */
  void arrived(Relay relay) {
    arriving.add(relay);
    if (closed) {
      relay.discard();
    }
  }

  /** Any thread. */
  void wake() {
    if (!scheduled.get() && scheduled.compareAndSet(false, true)) {
      channel.eventLoop().execute(this::run);
    }
  }

  /** Any thread: bytes that came for this consumer, or left. What waits for it now. */
  long queued(long bytes) {
    counters.queuedBytes.add(bytes);
    return queued.addAndGet(bytes);
  }

  void mayTakeATurn() {
    channel
        .eventLoop()
        .execute(
            () -> {
              waitsForShare = false;
              hasShare = true;
              run();
            });
  }

  private void run() {
    scheduled.set(false);
    for (Relay relay = arriving.poll(); relay != null; relay = arriving.poll()) {
      enlist(relay);
    }
    boolean wrote = false;
    while (channel.isWritable() && !waitsForShare && !waitsForRate) {
      long now = System.nanoTime();
      long pause = rate.nanosToWait(now);
      if (pause > 0) {
        waitForRate(pause);
        break;
      }
      Relay relay = nextTurn(now);
      if (relay == null) {
        break;
      }
      if (!hasShare && !share.enter(this, now)) {
        waitsForShare = true;
        (relay.isLive() ? live : history).addFirst(relay);
        break;
      }
      int sent = relay.write(QUANTUM);
      rate.charge(sent, now);
      // A turn that was waited for is charged already, up to its size.
      share.charge(hasShare ? Math.max(0, sent - QUANTUM) : sent, now);
      hasShare = false;
      wrote |= sent > 0;
      if (relay.isWaiting()) {
        enlist(relay);
      }
    }
    if (wrote) {
      channel.flush();
    }
  }

  private void enlist(Relay relay) {
    (relay.isLive() ? live : history).addLast(relay);
  }

  /** The next stream whose node may be heard; null if there is none now. */
  private Relay nextTurn(long now) {
    nodePause = Long.MAX_VALUE;
    boolean liveFirst = history.isEmpty() || liveTurns < LIVE_TURNS;
    Relay relay = liveFirst ? take(live, now) : take(history, now);
    if (relay == null) {
      relay = liveFirst ? take(history, now) : take(live, now);
    }
    if (relay == null && nodePause != Long.MAX_VALUE && !waitsForNode) {
      waitsForNode = true;
      channel
          .eventLoop()
          .schedule(
              () -> {
                waitsForNode = false;
                run();
              },
              nodePause,
              TimeUnit.NANOSECONDS);
    }
    if (relay != null) {
      liveTurns = relay.isLive() ? liveTurns + 1 : 0;
    }
    return relay;
  }

  private Relay take(Deque<Relay> from, long now) {
    for (int left = from.size(); left > 0; left--) {
      Relay relay = from.pollFirst();
      long pause = relay.node.rate().nanosToWait(now);
      if (pause == 0) {
        return relay;
      }
      nodePause = Math.min(nodePause, pause);
      from.addLast(relay);
    }
    return null;
  }

  private void waitForRate(long nanos) {
    waitsForRate = true;
    channel
        .eventLoop()
        .schedule(
            () -> {
              waitsForRate = false;
              run();
            },
            nanos,
            TimeUnit.NANOSECONDS);
  }

  /** The consumer has gone. */
  void close() {
    closed = true;
    share.leave(this);
    arriving.forEach(Relay::discard);
    live.forEach(Relay::discard);
    history.forEach(Relay::discard);
    arriving.clear();
    live.clear();
    history.clear();
  }
}
