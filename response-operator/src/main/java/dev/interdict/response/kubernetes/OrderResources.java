package dev.interdict.response.kubernetes;

import dev.interdict.response.ContainmentRecord;
import dev.interdict.response.Responder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
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
  private final Map<String, Long> obeyed = new HashMap<>(); // generations by id; executor only

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
    try {
      look().get(within.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException("the stop that is ordered by a resource does not hold", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
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
    public void onDelete(Containment deleted, boolean unknown) {
      executor.execute(() -> obeyed.remove(deleted.getMetadata().getName()));
    }
  }

  /** Each once: what is written anew is of another generation, and another order. */
  private void obey(Containment resource) {
    String order = resource.getSpec() == null ? null : resource.getSpec().order;
    long generation = resource.getMetadata().getGeneration();
    String id = resource.getMetadata().getName();
    if (order == null
        || obeyed.getOrDefault(id, 0L) >= generation
        || answered(resource) >= generation) {
      return;
    }
    obeyed.put(id, generation);
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
            .thenAcceptAsync(result -> shown.answered(id, order, generation, result), executor);
  }

  private static long answered(Containment resource) {
    Containment.Status status = resource.getStatus();
    return status == null || status.orderedGeneration == null ? 0 : status.orderedGeneration;
  }

  private final class Stops implements ResourceEventHandler<ResponseStop> {
    @Override
    public void onAdd(ResponseStop added) {
      executor.execute(() -> look());
    }

    @Override
    public void onUpdate(ResponseStop before, ResponseStop now) {
      executor.execute(() -> look());
    }

    @Override
    public void onDelete(ResponseStop deleted, boolean unknown) {
      executor.execute(() -> look());
    }
  }

  /** A stop by another way is not ended by the lack of a resource. */
  private CompletableFuture<?> look() {
    String stopped = responder.whyStopped();
    ResponseStop one = stops.getStore().list().stream().findAny().orElse(null);
    if (one != null && stopped == null) {
      String reason = one.getSpec() == null ? "" : one.getSpec().reason;
      return told(responder.stop(BY, STOPPED + one.getMetadata().getName() + ": " + reason));
    }
    if (one == null && stopped != null && stopped.contains(STOPPED)) {
      return told(responder.resume(BY));
    }
    return CompletableFuture.completedFuture(null);
  }

  private static CompletableFuture<?> told(CompletableFuture<?> done) {
    return done.whenComplete(
        (standing, failure) -> {
          if (failure != null) {
            LOG.error("a stop or its end, ordered by a resource, failed", failure);
          }
        });
  }

  @Override
  public void close() {
    containments.stop();
    stops.stop();
  }
}
