package dev.interdict.bus.client;

import dev.interdict.schema.Alert;
import dev.interdict.schema.CommandResult;
import dev.interdict.schema.Presence;
import dev.interdict.schema.SignedCommand;
import dev.interdict.schema.Subscribe;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * A consumer's, responder's or administrator's connection to the bus. Reconnects by itself;
 * whatever was asked for goes on. Any thread. Callbacks run on the bus thread and must not block.
 */
public final class BusClient implements AutoCloseable {
  /** Returns at once; connects in the background. */
  public static BusClient connect(BusConfig config, String consumerName) {
    throw new UnsupportedOperationException();
  }

  /** Completes at the first connection. */
  public CompletableFuture<Void> connected() {
    throw new UnsupportedOperationException();
  }

  /** Tells every node known now and every change from then on. */
  public AutoCloseable watchPresence(Consumer<Presence> watcher) {
    throw new UnsupportedOperationException();
  }

  /** Credit 0 means 1 MiB. */
  public EventStream subscribe(Subscribe request) {
    throw new UnsupportedOperationException();
  }

  /**
   * Completes when a responder has the alert durably; fails with a {@link BusException} that says
   * why not, and may then be called again: alerts are told apart by id.
   */
  public CompletableFuture<Void> publish(Alert alert) {
    throw new UnsupportedOperationException();
  }

  /** The future completes when the alert is durable; that acknowledges it to the publisher. */
  public AutoCloseable serveAlerts(Function<Alert, CompletableFuture<Void>> intake) {
    throw new UnsupportedOperationException();
  }

  /** Always completes with a result; UNREACHABLE if the node gave none in time. */
  public CompletableFuture<CommandResult> send(SignedCommand command, String node) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {
    throw new UnsupportedOperationException();
  }
}
