package dev.interdict.agent;

import dev.interdict.agent.kernel.Inbox;
import dev.interdict.agent.kernel.Natives;
import dev.interdict.agent.kernel.Sensor;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks once a second whether the agent still is what it was set up to be. What somebody has done
 * to it becomes an event and is undone where that can be. A thread of its own, which does nothing
 * else: a pause of it is one of the whole process.
 */
final class Guard implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Guard.class);
  private static final long PERIOD = TimeUnit.SECONDS.toNanos(1);
  private static final int THOROUGH_EVERY = 5;

  private final Sensor sensor;
  private final Inbox inbox;
  private final ScopeLock lock;
  private final OwnFiles files;
  private final Pauses pauses = new Pauses(PERIOD);
  private final long[] clocks = new long[3];
  private final Thread thread;
  private volatile boolean running = true;

  private Guard(Sensor sensor, ScopeLock lock, OwnFiles files) {
    this.sensor = sensor;
    this.inbox = sensor.inbox();
    this.lock = lock;
    this.files = files;
    this.thread = new Thread(this::run, "interdict-guard");
    thread.setDaemon(true);
    thread.setUncaughtExceptionHandler(
        (ended, e) -> LOG.error("the agent does not look after itself from here on", e));
  }

  static Guard start(Sensor sensor, ScopeLock lock, OwnFiles files) {
    Guard guard = new Guard(sensor, lock, files);
    guard.look(); // from here on no pause is missed
    guard.thread.start();
    return guard;
  }

  private void run() {
    for (int round = 1; running; round++) {
      LockSupport.parkNanos(PERIOD);
      look();
      sensor.inspect(round % THOROUGH_EVERY == 0);
      try {
        lock.inspect(inbox::tell);
        files.inspect(inbox::tell);
      } catch (IOException e) {
        LOG.warn("cannot look after the agent's own files: {}", e.toString());
      }
    }
  }

  private void look() {
    Natives.clocks(clocks);
    pauses.observe(clocks[0], clocks[1], clocks[2], inbox::tell);
  }

  @Override
  public void close() {
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

  /** Takes what was found. */
  @FunctionalInterface
  interface Report {
    void tell(String component, String state, String detail);
  }
}
