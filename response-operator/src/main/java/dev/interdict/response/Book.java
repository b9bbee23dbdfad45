package dev.interdict.response;

import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Log and ledger kept in step, and the watchers who hear of every entry. Written on the responder's
 * thread; watchers come and go on any.
 */
final class Book implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Book.class);

  private final AlertLog log;
  private final Ledger ledger;
  private final InstantSource clock;
  private final List<Consumer<ContainmentRecord>> watchers = new CopyOnWriteArrayList<>();
  private final Queue<ContainmentRecord> untold = new ArrayDeque<>();
  private final Set<String> unsynced = new HashSet<>();
  private final LongAdder failures = new LongAdder();
  private final Set<String> undurable = new LinkedHashSet<>(); // of the alerts in the ledger

  Book(AlertLog log, Ledger ledger, InstantSource clock) {
    this.log = log;
    this.ledger = ledger;
    this.clock = clock;
  }

  Ledger ledger() {
    return ledger;
  }

  /** Unix nanoseconds. */
  long now() {
    Instant now = clock.instant();
    return now.getEpochSecond() * 1_000_000_000L + now.getNano();
  }

  /** Durable after the next sync that succeeds. */
  void decide(ContainmentRecord decision) {
    log.decision(decision, now());
    ledger.put(decision);
    untold.add(decision);
    unsynced.add(decision.alertId());
  }

  /** Durable on return, and in force in any case: to stop does not wait for a disk. */
  void order(Standing standing) throws IOException {
    ledger.put(standing);
    log.standing(standing, now());
    syncLog();
  }

  /** A decision that the disk did not take, as it stands now. Nothing, if it is on the disk. */
  void writeAgain(String alertId) {
    if (!undurable.remove(alertId)) {
      return;
    }
    for (ContainmentRecord record : ledger.records()) {
      if (record.alertId().equals(alertId)) {
        log.decision(record, now());
        unsynced.add(alertId);
        return;
      }
    }
    LOG.error("alert {} was never written, and is too long ago to be written now", alertId);
  }

  void sync() throws IOException {
    if (unsynced.isEmpty()) {
      return;
    }
    try {
      syncLog();
    } catch (IOException e) {
      undurable.addAll(unsynced);
      Iterator<String> oldest = undurable.iterator();
      while (undurable.size() > Ledger.MAX_ALERT_IDS) {
        oldest.next();
        oldest.remove();
      }
      throw e;
    } finally {
      unsynced.clear();
    }
  }

  private void syncLog() throws IOException {
    try {
      log.sync();
    } catch (IOException e) {
      failures.increment();
      throw e;
    }
  }

  /** Times that the disk did not take what was written. Any thread. */
  long failures() {
    return failures.sum();
  }

  /** To be asked after a sync. */
  boolean isDurable(String alertId) {
    return !undurable.contains(alertId);
  }

  /** Durable on return: what a person has decided is not asked twice. */
  ContainmentRecord changeForGood(ContainmentRecord record) throws IOException {
    change(record);
    syncLog();
    return record;
  }

  /**
   * Durable on return, if the disk takes it; what follows does not wait for a disk that is full.
   */
  ContainmentRecord changeBeforeActing(ContainmentRecord record) {
    try {
      return changeForGood(record);
    } catch (IOException e) {
      LOG.error("the log does not take what is about to be done for {}", record.id(), e);
      return record;
    }
  }

  ContainmentRecord change(ContainmentRecord record) {
    log.change(record, now());
    ledger.put(record);
    untold.add(record);
    return record;
  }

  Runnable watch(Consumer<ContainmentRecord> watcher) {
    watchers.add(watcher);
    return () -> watchers.remove(watcher);
  }

  /** Kept for the end of a task, so that nobody who listens delays what is sent. */
  void tell() {
    for (ContainmentRecord record = untold.poll(); record != null; record = untold.poll()) {
      for (Consumer<ContainmentRecord> watcher : watchers) {
        try {
          watcher.accept(record);
        } catch (RuntimeException e) {
          LOG.error("a watcher failed at containment {}", record.id(), e);
        }
      }
    }
  }

  @Override
  public void close() throws IOException {
    log.close();
  }
}
