package dev.interdict.response;

import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The responder's one thread: what is to be done now, and what later. Any thread may add. */
final class Agenda implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Agenda.class);
  private static final long CLOSE_SECONDS = 10;

  private final ScheduledThreadPoolExecutor thread;
  private final Runnable afterEach;

  Agenda(Runnable afterEach) {
    this.afterEach = afterEach;
    thread =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread made = new Thread(task, "interdict-responder");
              made.setDaemon(true);
              return made;
            });
    thread.setRemoveOnCancelPolicy(true);
    thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  /** False once closed. */
  boolean add(Runnable task) {
    try {
      thread.execute(() -> run(task));
      return true;
    } catch (RejectedExecutionException closed) {
      return false;
    }
  }

  /** On the responder's thread only. */
  Future<?> later(Duration pause, Runnable task) {
    return thread.schedule(() -> run(task), Math.max(0, pause.toNanos()), TimeUnit.NANOSECONDS);
  }

  /** Finishes what is to be done now and drops what is for later. */
  @Override
  public void close() {
    thread.shutdown();
    try {
      if (!thread.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
        thread.shutdownNow();
        LOG.error("the responder's thread did not end within {} s", CLOSE_SECONDS);
      }
    } catch (InterruptedException e) {
      thread.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }

  /** One containment that goes wrong in an unforeseen way must not end those of all others. */
  private void run(Runnable task) {
    try {
      task.run();
      afterEach.run();
    } catch (RejectedExecutionException e) {
      LOG.debug("closed in the middle of a task, which the next start takes up again", e);
    } catch (RuntimeException e) {
      LOG.error("the responder failed at one task", e);
    }
  }
}
