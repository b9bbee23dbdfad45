package dev.interdict.response;

import dev.interdict.bus.client.BusException;
import dev.interdict.schema.Alert;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes alerts from the bus. All that wait when the responder's thread comes are decided and made
 * durable together, acted upon, and then acknowledged.
 */
final class Intake {
  static final int MAX_WAITING = 4096;
  static final int MAX_BATCH = 256;
  private static final int MAX_ALERT_ID = 128;
  // An API server in the same cluster takes some 10 ms.
  private static final Duration SHOWN_WITHIN = Duration.ofMillis(50);
  private static final Logger LOG = LoggerFactory.getLogger(Intake.class);

  private record Arrival(Alert alert, long received, CompletableFuture<Void> durable) {}

  private final Queue<Arrival> waiting = new ConcurrentLinkedQueue<>();
  private final AtomicInteger length = new AtomicInteger();
  private final Agenda agenda;
  private final Book book;
  private final Decider decider;
  private final Courier courier;
  private final Approvals approvals;
  private final Orchestrator orchestrator;

  Intake(
      Agenda agenda,
      Book book,
      Decider decider,
      Courier courier,
      Approvals approvals,
      Orchestrator orchestrator) {
    this.agenda = agenda;
    this.book = book;
    this.decider = decider;
    this.courier = courier;
    this.approvals = approvals;
    this.orchestrator = orchestrator;
  }

  /** Any thread. The future completes when the alert, new or not, is durable. */
  CompletableFuture<Void> accept(Alert alert) {
    if (alert.getId().isEmpty() || alert.getId().length() > MAX_ALERT_ID) {
      return refused(
          "invalid alert id.length=" + alert.getId().length() + " limit=" + MAX_ALERT_ID);
    }
    if (length.incrementAndGet() > MAX_WAITING) {
      length.decrementAndGet();
      return refused("too many alerts wait, limit=" + MAX_WAITING);
    }
    Arrival arrival = new Arrival(alert, book.now(), new CompletableFuture<>());
    waiting.add(arrival);
    if (!agenda.add(this::takeIn)) {
      return refused("the responder is closed");
    }
    return arrival.durable();
  }

  int waiting() {
    return length.get();
  }

  private void takeIn() {
    List<Arrival> batch = new ArrayList<>();
    for (Arrival next = poll(); next != null; next = batch.size() < MAX_BATCH ? poll() : null) {
      batch.add(next);
    }
    if (batch.isEmpty()) {
      return;
    }
    List<ContainmentRecord> decisions = new ArrayList<>();
    batch.removeIf(arrival -> !decide(arrival, decisions));
    IOException failure = null;
    try {
      book.sync();
    } catch (IOException e) {
      LOG.error("the log does not take {} decisions; they are acted upon", decisions.size(), e);
      failure = e;
    }
    // Also where the log failed, or filling a disk would be a way to disarm: ids are derived from
    // the alert, so its publisher's next attempt, here or after a restart, repeats nothing.
    for (ContainmentRecord decision : decisions) {
      if (decision.state() == ContainmentState.DECIDED) {
        act(decision);
      } else if (decision.state() == ContainmentState.WAITING) {
        approvals.await(decision);
      }
    }
    for (Arrival arrival : batch) {
      if (book.isDurable(arrival.alert().getId())) {
        arrival.durable().complete(null);
      } else {
        arrival
            .durable()
            .completeExceptionally(
                new BusException("the responder cannot write its log: " + failure.getMessage()));
      }
    }
  }

  private void act(ContainmentRecord decision) {
    CompletableFuture<?> shown = orchestrator.show(decision);
    if (shown.isDone()) {
      courier.contain(decision.id());
      return;
    }
    Runnable go = () -> courier.containIfDecided(decision.id());
    Future<?> limit = agenda.later(SHOWN_WITHIN, go);
    CompletableFuture<?> unused =
        shown.whenComplete(
            (done, failure) -> {
              limit.cancel(false);
              agenda.add(go);
            });
  }

  /** False if the alert can never be taken, which its publisher then knows. */
  private boolean decide(Arrival arrival, List<ContainmentRecord> decisions) {
    if (book.ledger().knows(arrival.alert().getId())) {
      book.writeAgain(arrival.alert().getId());
      return true;
    }
    Alert alert;
    try {
      alert = AlertLog.fitting(arrival.alert());
    } catch (IllegalArgumentException e) {
      arrival.durable().completeExceptionally(new BusException(e.getMessage()));
      return false;
    }
    disarm(alert);
    ContainmentRecord decision = decider.decide(alert, arrival.received(), book.now());
    book.decide(decision);
    decisions.add(decision);
    return true;
  }

  private void disarm(Alert alert) {
    String why = decider.disarming(alert, book.now());
    if (why == null) {
      return;
    }
    LOG.warn("rule {} is disarmed: {}", alert.getRuleId(), why);
    try {
      book.order(book.ledger().standing().disarm(alert.getRuleId(), why, book.now()));
    } catch (IOException e) {
      LOG.error("the log does not take that a rule is disarmed; it is, until the next start", e);
    }
  }

  private Arrival poll() {
    Arrival arrival = waiting.poll();
    if (arrival != null) {
      length.decrementAndGet();
    }
    return arrival;
  }

  private static CompletableFuture<Void> refused(String why) {
    return CompletableFuture.failedFuture(new BusException(why));
  }
}
