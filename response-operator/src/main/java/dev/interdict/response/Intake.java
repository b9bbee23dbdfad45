package dev.interdict.response;

import dev.interdict.bus.client.BusException;
import dev.interdict.schema.Alert;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
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
  private static final Logger LOG = LoggerFactory.getLogger(Intake.class);

  private record Arrival(Alert alert, long received, CompletableFuture<Void> durable) {}

  private final Queue<Arrival> waiting = new ConcurrentLinkedQueue<>();
  private final AtomicInteger length = new AtomicInteger();
  private final Agenda agenda;
  private final Book book;
  private final Decider decider;
  private final Courier courier;

  Intake(Agenda agenda, Book book, Decider decider, Courier courier) {
    this.agenda = agenda;
    this.book = book;
    this.decider = decider;
    this.courier = courier;
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

  private void takeIn() {
    List<Arrival> batch = new ArrayList<>();
    for (Arrival next = poll(); next != null; next = batch.size() < MAX_BATCH ? poll() : null) {
      batch.add(next);
    }
    if (batch.isEmpty()) {
      return;
    }
    Map<String, ContainmentRecord> decisions = new HashMap<>();
    List<ContainmentRecord> inOrder = new ArrayList<>();
    batch.removeIf(arrival -> !decide(arrival, decisions, inOrder));
    try {
      if (!inOrder.isEmpty()) {
        book.sync(inOrder);
      }
    } catch (IOException e) {
      LOG.error("{} alerts are refused: the log does not take them", inOrder.size(), e);
      BusException why = new BusException("the responder cannot write its log: " + e.getMessage());
      for (Arrival arrival : batch) {
        if (decisions.containsKey(arrival.alert().getId())) {
          arrival.durable().completeExceptionally(why);
        } else {
          arrival.durable().complete(null);
        }
      }
      return;
    }
    for (ContainmentRecord decision : inOrder) {
      if (decision.state() == ContainmentState.DECIDED) {
        courier.contain(decision.id());
      }
    }
    for (Arrival arrival : batch) {
      arrival.durable().complete(null);
    }
  }

  /** False if the alert can never be taken, which its publisher then knows. */
  private boolean decide(
      Arrival arrival, Map<String, ContainmentRecord> decisions, List<ContainmentRecord> inOrder) {
    if (book.ledger().knows(arrival.alert().getId())) {
      return true;
    }
    Alert alert;
    try {
      alert = AlertLog.fitting(arrival.alert());
    } catch (IllegalArgumentException e) {
      arrival.durable().completeExceptionally(new BusException(e.getMessage()));
      return false;
    }
    ContainmentRecord decision = decider.decide(alert, arrival.received(), book.now());
    book.decide(decision);
    decisions.put(decision.alertId(), decision);
    inOrder.add(decision);
    return true;
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
