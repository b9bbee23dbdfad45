package dev.interdict.record;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The recorder's own thread: makes durable what was flushed, and removes what is too old. */
final class GroupCommit implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(GroupCommit.class);
  private static final long RETENTION_INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final LaneWriter[] lanes;
  private final Retainer retainer;
  private final RetentionHolds holds;
  private final RetentionClock clock =
      new RetentionClock(System.currentTimeMillis(), System.nanoTime());
  private final long intervalNanos;
  private final CountDownLatch stop = new CountDownLatch(1);
  private final Thread thread = new Thread(this, "recorder-commit");
  private long lastRetention = System.nanoTime() - RETENTION_INTERVAL_NANOS;
  private volatile IOException failure;

  GroupCommit(LaneWriter[] lanes, Retainer retainer, RetentionHolds holds, long intervalNanos) {
    this.lanes = lanes;
    this.retainer = retainer;
    this.holds = holds;
    this.intervalNanos = intervalNanos;
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  @Override
  public void run() {
    try {
      while (!stop.await(intervalNanos, TimeUnit.NANOSECONDS)) {
        syncLanes();
        retain();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The kernel tells of a failed write-back once, so a later sync may not pretend. */
  void check() throws IOException {
    IOException found = failure;
    if (found != null) {
      throw new IOException("recorder failed to reach the disk: " + found.getMessage(), found);
    }
  }

  void close() {
    stop.countDown();
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

  void syncLanes() {
    for (LaneWriter lane : lanes) {
      try {
        lane.sync();
      } catch (IOException e) {
        if (failure == null) {
          LOG.error("fdatasync failed: what a power cut can cost is not known any more", e);
        }
        failure = e;
      }
    }
  }

  private void retain() {
    if (System.nanoTime() - lastRetention >= RETENTION_INTERVAL_NANOS) {
      lastRetention = System.nanoTime();
      try {
        retainer.enforce(clock.millis(System.currentTimeMillis(), lastRetention));
      } catch (IOException e) {
        LOG.warn("retention could not remove a segment; it will be tried again", e);
      }
      saveHolds();
    }
  }

  /** After what they have let go, so that a full disk has room for it. */
  void saveHolds() {
    try {
      holds.save();
    } catch (IOException e) {
      LOG.warn("cannot keep what consumers have acknowledged; it will be tried again", e);
    }
  }
}
