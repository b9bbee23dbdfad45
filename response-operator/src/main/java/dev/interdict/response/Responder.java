package dev.interdict.response;

import dev.interdict.bus.client.BusClient;
import dev.interdict.bus.local.LocalServer;
import dev.interdict.bus.local.Parts;
import dev.interdict.schema.Entity;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * Decides about alerts and has nodes contain what policies say. One thread of its own does all of
 * it; every method may be called by any.
 */
public final class Responder implements AutoCloseable {
  /** The name of its local socket. */
  public static final String SOCKET = "responder";

  private final ResponderConfig config;
  private final Parts parts = new Parts();
  private BusClient bus;
  private Response response;

  private Responder(ResponderConfig config) {
    this.config = config;
  }

  /** Connects in the background; alerts come once the bus is there. */
  public static Responder start(ResponderConfig config) throws IOException {
    Responder responder = new Responder(config);
    try {
      responder.open();
      return responder;
    } catch (IOException | RuntimeException e) {
      try {
        responder.close();
      } catch (IOException suppressed) {
        e.addSuppressed(suppressed);
      }
      throw e;
    }
  }

  private void open() throws IOException {
    Commands commands = new Commands(config.bus().identity(), config.commandLifetime());
    bus = BusClient.connect(config.bus(), "responder");
    parts.push(bus::close);
    response =
        Response.open(
            config.directory().resolve("alerts"),
            config.policies(),
            config.orchestrator(),
            commands,
            bus::send,
            config.clock());
    parts.push(response::close);
    config.orchestrator().opened(this);
    parts.push(bus.watchPresence(response::presence));
    parts.push(bus.serveAlerts(response::accept));
    LocalServer local =
        LocalServer.start(config.directory(), SOCKET, new LocalRequests(response)::answer);
    parts.push(local::close);
  }

  /** Completes at the first connection to the bus: alerts are taken from here on. */
  public CompletableFuture<Void> connected() {
    return bus.connected();
  }

  /** Oldest first; bounded, but never without those that are active. */
  public List<ContainmentRecord> records() {
    return response.records();
  }

  /** Every change from now on, told on the responder's thread: it must not block. */
  public Closeable watch(Consumer<ContainmentRecord> watcher) {
    return response.watch(watcher)::run;
  }

  /**
   * Durable on completion; with a ReleaseFailedException where there is nothing to decide, or this
   * person may not.
   *
   * @param by who decides
   */
  public CompletableFuture<ContainmentRecord> decide(
      String containmentId, boolean approve, String by) {
    return response.decide(containmentId, approve, by);
  }

  /**
   * Completes when the intent is durable and on its way.
   *
   * @param request names what is asked for: the same one twice is one containment
   */
  public CompletableFuture<ContainmentRecord> contain(
      String request, String by, Entity target, boolean cut, boolean freeze, Duration ttl) {
    return response.contain(request, by, target, new Policy.Actions(cut, freeze, ttl));
  }

  /** Null where it is not. */
  public String whyStopped() {
    return response.standing().whyStopped();
  }

  int rulesDisarmed() {
    return response.standing().orders().getDisarmedCount();
  }

  int alertsWaiting() {
    return response.alertsWaiting();
  }

  long logFailures() {
    return response.logFailures();
  }

  /** From now on nothing new is done. What is in force stays so. */
  public CompletableFuture<?> stop(String by, String reason) {
    return response.stop(by, reason);
  }

  public CompletableFuture<?> resume(String by) {
    return response.resume(by);
  }

  /** What comes from now on is decided by these. */
  public void use(Policies policies) {
    response.use(policies);
  }

  /**
   * A container was begun anew by whoever runs it; what is contained of it is over, and what took
   * its place is not contained.
   *
   * @param how in words
   */
  public void restarted(String namespace, String pod, String container, String how) {
    response.restarted(namespace, pod, container, how);
  }

  /** Completes when the node has undone it; with a ReleaseFailedException where it has not. */
  public CompletableFuture<ContainmentRecord> release(String containmentId) {
    return response.release(containmentId);
  }

  /** Containments stay in force; what is not answered is taken up again at the next start. */
  @Override
  public void close() throws IOException {
    parts.close();
  }
}
