package dev.interdict.response.kubernetes;

import dev.interdict.response.ContainmentRecord;
import dev.interdict.response.Responder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What people order through the API server: on a containment, and the global stop. */
final class OrderResources implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(OrderResources.class);
  private static final String BY = "kubernetes";
  private static final String STOPPED = "ResponseStop ";

  private final Executor executor;
  private final SharedIndexInformer<Containment> containments;
  private final SharedIndexInformer<ResponseStop> stops;
  private final ContainmentResources shown;
  private final Responder responder;

  OrderResources(
      KubernetesClient client, ContainmentResources shown, Responder responder, Executor executor) {
    this.shown = shown;
    this.responder = responder;
    this.executor = executor;
    containments =
        client
            .resources(Containment.class)
            .runnableInformer(0)
            .exceptionHandler((started, failure) -> true);
    stops =
        client
            .resources(ResponseStop.class)
            .runnableInformer(0)
            .exceptionHandler((started, failure) -> true);
    containments.addEventHandler(new Orders());
    stops.addEventHandler(new Stops());
  }

  /** A stop that is there holds on return. */
  void start(Duration within) throws IOException {
    Synced.await(within, containments, stops);
    look();
  }

  private final class Orders implements ResourceEventHandler<Containment> {
    @Override
    public void onAdd(Containment added) {
      executor.execute(() -> obey(added));
    }

    @Override
    public void onUpdate(Containment before, Containment now) {
      executor.execute(() -> obey(now));
    }

    @Override
    public void onDelete(Containment deleted, boolean unknown) {}
  }

  /** Once: an order that was answered stands in the status. */
  private void obey(Containment resource) {
    String order = resource.getSpec() == null ? null : resource.getSpec().order;
    if (order == null
        || resource.getStatus() != null && order.equals(resource.getStatus().ordered)) {
      return;
    }
    String id = resource.getMetadata().getName();
    String by = resource.getSpec().orderedBy == null ? BY : resource.getSpec().orderedBy;
    LOG.info("order {} on containment {} by {}", order, id, by);
    CompletableFuture<ContainmentRecord> done =
        switch (order) {
          case "release" -> responder.release(id);
          case "approve" -> responder.decide(id, true, by);
          case "deny" -> responder.decide(id, false, by);
          default -> CompletableFuture.failedFuture(new IOException("unknown order " + order));
        };
    CompletableFuture<?> unused =
        done.handle(
                (record, failure) ->
                    failure == null
                        ? "done by " + by
                        : "not done: "
                            + (failure.getCause() == null ? failure : failure.getCause())
                                .getMessage())
            .thenAcceptAsync(result -> shown.answered(id, order, result), executor);
  }

  private final class Stops implements ResourceEventHandler<ResponseStop> {
    @Override
    public void onAdd(ResponseStop added) {
      executor.execute(OrderResources.this::look);
    }

    @Override
    public void onUpdate(ResponseStop before, ResponseStop now) {
      executor.execute(OrderResources.this::look);
    }

    @Override
    public void onDelete(ResponseStop deleted, boolean unknown) {
      executor.execute(OrderResources.this::look);
    }
  }

  /** A stop by another way is not ended by the lack of a resource. */
  private void look() {
    String stopped = responder.whyStopped();
    ResponseStop one = stops.getStore().list().stream().findAny().orElse(null);
    CompletableFuture<?> done = null;
    if (one != null && stopped == null) {
      String reason = one.getSpec() == null ? "" : one.getSpec().reason;
      done = responder.stop(BY, STOPPED + one.getMetadata().getName() + ": " + reason);
    } else if (one == null && stopped != null && stopped.contains(STOPPED)) {
      done = responder.resume(BY);
    }
    if (done != null) {
      String what = one == null ? "resume" : "stop";
      CompletableFuture<?> unused =
          done.whenComplete(
              (standing, failure) -> {
                if (failure != null) {
                  LOG.error("{} by resource failed", what.toUpperCase(Locale.ROOT), failure);
                }
              });
    }
  }

  @Override
  public void close() {
    containments.stop();
    stops.stop();
  }
}
