package dev.interdict.bus.backplane;

import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;

/**
 * What all consumers of a backplane together may be sent. While there is less than they want, each
 * gets a turn of the same size after the other, however much it asks for.
 */
// A turn that is scheduled ends in the next.
@SuppressWarnings("FutureReturnValueIgnored")
final class FairShare {
  private final TokenBucket bucket;
  private final EventLoop timer;
  private final Deque<Outlet> waiting = new ArrayDeque<>();
  private boolean scheduled;

  FairShare(long bytesPerSecond, EventLoop timer) {
    this.bucket = new TokenBucket(bytesPerSecond, System.nanoTime());
    this.timer = timer;
  }

  /** True: it may send a turn now. False: it is told when it may. */
  boolean enter(Outlet outlet, long now) {
    return bucket.isUnlimited() || enterLimited(outlet, now);
  }

  private synchronized boolean enterLimited(Outlet outlet, long now) {
    if (waiting.isEmpty() && bucket.nanosToWait(now) == 0) {
      return true;
    }
    waiting.add(outlet);
    schedule(now);
    return false;
  }

  void charge(long bytes, long now) {
    bucket.charge(bytes, now);
  }

  synchronized void leave(Outlet outlet) {
    waiting.remove(outlet);
  }

  private void schedule(long now) {
    if (!scheduled && !waiting.isEmpty()) {
      scheduled = true;
      timer.schedule(this::next, bucket.nanosToWait(now), TimeUnit.NANOSECONDS);
    }
  }

  private synchronized void next() {
    scheduled = false;
    long now = System.nanoTime();
    if (bucket.nanosToWait(now) == 0 && !waiting.isEmpty()) {
      Outlet outlet = waiting.poll();
      bucket.charge(Outlet.QUANTUM, now);
      outlet.mayTakeATurn();
    }
    schedule(now);
  }
}
