package dev.interdict.response;

import dev.interdict.schema.Alert;
import dev.interdict.schema.Presence;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The responder without its connections: alerts and presence in, signed commands out. Any thread.
 */
final class Response implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Response.class);

  private final Book book;
  private final Agenda agenda;
  private final Courier courier;
  private final Intake intake;

  private Response(Book book, Policies policies, Commands commands, NodeCommands nodes) {
    this.book = book;
    agenda = new Agenda(book::tell);
    courier = new Courier(agenda, book, commands, nodes);
    intake = new Intake(agenda, book, new Decider(policies, book.ledger()), courier);
  }

  /** Knows what the log in the directory says, and takes up what was left open. */
  static Response open(
      Path directory, Policies policies, Commands commands, NodeCommands nodes, InstantSource clock)
      throws IOException {
    AlertLog log = AlertLog.open(directory);
    Book book = new Book(log, new Ledger(), clock);
    try {
      log.replay(book.ledger(), book.now());
    } catch (IOException | RuntimeException e) {
      log.close();
      throw e;
    }
    Response response = new Response(book, policies, commands, nodes);
    response.agenda.add(response.courier::resume);
    response.agenda.add(() -> rehearse(policies, commands, log, book.now()));
    return response;
  }

  private static void rehearse(Policies policies, Commands commands, AlertLog log, long now) {
    try {
      Rehearsal.run(policies, commands, log, now);
    } catch (IOException e) {
      LOG.error("the log does not take the start of the responder", e);
    }
  }

  /** The future completes when the alert, new or not, is durable. */
  CompletableFuture<Void> accept(Alert alert) {
    return intake.accept(alert);
  }

  void presence(Presence presence) {
    agenda.add(() -> courier.presence(presence));
  }

  List<ContainmentRecord> records() {
    return book.ledger().records();
  }

  Runnable watch(Consumer<ContainmentRecord> watcher) {
    return book.watch(watcher);
  }

  CompletableFuture<ContainmentRecord> release(String containmentId) {
    CompletableFuture<ContainmentRecord> released = new CompletableFuture<>();
    if (!agenda.add(() -> courier.release(containmentId, released))) {
      released.completeExceptionally(new ReleaseFailedException("the responder is closed"));
    }
    return released;
  }

  @Override
  public void close() throws IOException {
    agenda.close();
    book.close();
  }
}
