package dev.interdict.bus.client;

import dev.interdict.schema.StreamEnd;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A thread that serves streams in turn, a slice of work each, and sleeps while none can go on. Two
 * of them serve a node: one reads history, the other follows the head, so that no replay delays
 * what happens now. A stream belongs to one of them at a time.
 */
final class ServeLoop implements Runnable {
  private static final long LONGEST_SLEEP_NANOS = 1_000_000_000L;

  private static final Logger log = LoggerFactory.getLogger(ServeLoop.class);

  private final ConcurrentLinkedQueue<ServedStream> arriving = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean awake = new AtomicBoolean();
  private final FairTurns<ServedStream> streams = new FairTurns<>(ServedStream::consumer);
  private final Thread thread;
  private ServeLoop other;
  private long sleepNanos;
  private volatile boolean running = true;

  ServeLoop(String name) {
    thread = new Thread(this, name);
    thread.setDaemon(true);
  }

  void start(ServeLoop otherLoop) {
    other = otherLoop;
    thread.start();
  }

  void add(ServedStream stream) {
    arriving.add(stream);
    wake();
  }

  /** Any thread; cheap when the loop is awake. */
  void wake() {
    if (!awake.get() && awake.compareAndSet(false, true)) {
      LockSupport.unpark(thread);
    }
  }

  @Override
  public void run() {
    while (running) {
      awake.set(false);
      if (serveAll()) {
        continue;
      }
      sleepNanos = LONGEST_SLEEP_NANOS;
      long now = System.nanoTime();
      streams.forEach(stream -> sleepNanos = Math.min(sleepNanos, stream.nanosToWork(now)));
      if (sleepNanos > 0 && !awake.get()) {
        LockSupport.parkNanos(this, sleepNanos);
      }
    }
    takeArriving();
    streams.forEach(ServedStream::close);
    streams.clear();
  }

  /** A slice for each consumer; true if there may be more to do at once. */
  private boolean serveAll() {
    takeArriving();
    return streams.round(
        stream ->
            switch (serve(stream)) {
              case MORE -> FairTurns.Outcome.USED_UP;
              case WAITING -> FairTurns.Outcome.IDLE;
              case ELSEWHERE -> {
                other.add(stream);
                yield FairTurns.Outcome.GONE;
              }
              case OVER -> {
                stream.close();
                yield FairTurns.Outcome.GONE;
              }
            });
  }

  /** What one stream does wrong must not end the others. */
  private static ServedStream.Turn serve(ServedStream stream) {
    try {
      return stream.serve();
    } catch (RuntimeException e) {
      log.error("stream {} failed", stream.number(), e);
      stream.end(StreamEnd.Code.FAILED, "the node failed to serve it: " + e.getMessage());
      return stream.serve();
    }
  }

  private void takeArriving() {
    for (ServedStream stream = arriving.poll(); stream != null; stream = arriving.poll()) {
      streams.add(stream);
    }
  }

  void stop() {
    running = false;
    LockSupport.unpark(thread);
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
