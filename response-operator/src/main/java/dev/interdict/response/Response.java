package dev.interdict.response;

import dev.interdict.schema.Alert;
import dev.interdict.schema.Container;
import dev.interdict.schema.Entity;
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
  private final Approvals approvals;
  private final Orders orders;
  private final Decider decider;
  private final Intake intake;

  private Response(
      Book book,
      Policies policies,
      Orchestrator orchestrator,
      Commands commands,
      NodeCommands nodes) {
    this.book = book;
    agenda = new Agenda(book::tell);
    courier = new Courier(agenda, book, commands, nodes, orchestrator.steps());
    approvals = new Approvals(agenda, book, policies, courier);
    orders = new Orders(agenda, book, courier);
    decider = new Decider(policies, book.ledger(), new GuardedWorkloads(orchestrator.workloads()));
    intake = new Intake(agenda, book, decider, courier, approvals, orchestrator);
  }

  /** Knows what the log in the directory says, and takes up what was left open. */
  static Response open(
      Path directory,
      Policies policies,
      Orchestrator orchestrator,
      Commands commands,
      NodeCommands nodes,
      InstantSource clock)
      throws IOException {
    AlertLog log = AlertLog.open(directory);
    Book book = new Book(log, new Ledger(), clock);
    try {
      log.replay(book.ledger(), book.now());
    } catch (IOException | RuntimeException e) {
      log.close();
      throw e;
    }
    Response response = new Response(book, policies, orchestrator, commands, nodes);
    response.agenda.add(() -> response.orders.started(policies.names()));
    response.agenda.add(response.courier::resume);
    response.agenda.add(response.approvals::resume);
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

  /** What comes from now on is decided by these. */
  void use(Policies policies) {
    agenda.add(
        () -> {
          decider.use(policies);
          approvals.use(policies);
          orders.use(policies.names());
        });
  }

  void restarted(String namespace, String pod, String container, String how) {
    agenda.add(
        () -> {
          for (ContainmentRecord record : book.ledger().open()) {
            Container of = record.alert().getEntity().getContainer();
            if (record.state() == ContainmentState.IN_FORCE
                && of.getNamespace().equals(namespace)
                && of.getPod().equals(pod)
                && of.getName().equals(container)) {
              String reason =
                  "the kubelet has restarted container %s, which is not contained (%s)"
                      .formatted(container, how);
              LOG.warn("containment {}: {}", record.id(), reason);
              book.change(record.with(record.state(), reason, record.times()));
            }
          }
        });
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

  /**
   * @param by the person who decides
   */
  CompletableFuture<ContainmentRecord> decide(String containmentId, boolean approve, String by) {
    CompletableFuture<ContainmentRecord> decided = new CompletableFuture<>();
    if (!agenda.add(() -> approvals.decide(containmentId, approve, by, decided))) {
      decided.completeExceptionally(new ReleaseFailedException("the responder is closed"));
    }
    return decided;
  }

  /**
   * Completes when the intent is durable and on its way.
   *
   * @param request the same one twice is one containment
   */
  CompletableFuture<ContainmentRecord> contain(
      String request, String by, Entity target, Policy.Actions actions) {
    CompletableFuture<ContainmentRecord> contained = new CompletableFuture<>();
    boolean open =
        agenda.add(
            () -> {
              try {
                contained.complete(ByHand.contain(book, courier, request, by, target, actions));
              } catch (IOException e) {
                contained.completeExceptionally(e);
              }
            });
    if (!open) {
      contained.completeExceptionally(new IOException("the responder is closed"));
    }
    return contained;
  }

  int alertsWaiting() {
    return intake.waiting();
  }

  long logFailures() {
    return book.failures();
  }

  Standing standing() {
    return book.ledger().standing();
  }

  CompletableFuture<Standing> stop(String by, String reason) {
    return order(() -> orders.stop(by, reason));
  }

  CompletableFuture<Standing> resume(String by) {
    return order(() -> orders.resume(by));
  }

  CompletableFuture<Standing> arm(String rule, String by) {
    return order(() -> orders.arm(rule, by));
  }

  @FunctionalInterface
  private interface Order {
    Standing give() throws IOException;
  }

  private CompletableFuture<Standing> order(Order order) {
    CompletableFuture<Standing> given = new CompletableFuture<>();
    boolean open =
        agenda.add(
            () -> {
              try {
                given.complete(order.give());
              } catch (IOException e) {
                given.completeExceptionally(e);
              }
            });
    if (!open) {
      given.completeExceptionally(new IOException("the responder is closed"));
    }
    return given;
  }

  @Override
  public void close() throws IOException {
    agenda.close();
    book.close();
  }
}
