package dev.interdict.jobs;

import dev.interdict.jobs.alert.AlertOutlet;
import dev.interdict.schema.Alert;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

/** A responder of a test: keeps every delivery, and answers as it is told. */
public final class AlertDesk implements AutoCloseable {
  private final String key = Local.put(this);
  private final List<Alert> deliveries = new ArrayList<>();
  private Answer answer = Answer.ACKNOWLEDGE;

  public enum Answer {
    ACKNOWLEDGE,
    REFUSE,
    NEVER
  }

  public AlertOutlet.Dialer dialer() {
    String local = key;
    return () -> new Outlet(local);
  }

  private record Outlet(String key) implements AlertOutlet {
    @Override
    public CompletableFuture<Void> publish(Alert alert) {
      return Local.get(key, AlertDesk.class).deliver(alert);
    }

    @Override
    public void close() {}
  }

  public synchronized void answer(Answer value) {
    answer = value;
  }

  private synchronized CompletableFuture<Void> deliver(Alert alert) {
    deliveries.add(alert);
    return switch (answer) {
      case ACKNOWLEDGE -> CompletableFuture.completedFuture(null);
      case REFUSE -> CompletableFuture.failedFuture(new IllegalStateException("no responder"));
      case NEVER -> new CompletableFuture<>();
    };
  }

  public synchronized List<Alert> deliveries() {
    return List.copyOf(deliveries);
  }

  public List<String> ids() {
    return deliveries().stream().map(Alert::getId).collect(Collectors.toList());
  }

  @Override
  public void close() {
    Local.remove(key);
  }
}
