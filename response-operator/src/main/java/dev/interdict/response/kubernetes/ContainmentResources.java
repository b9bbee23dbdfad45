package dev.interdict.response.kubernetes;

import dev.interdict.response.ContainmentRecord;
import dev.interdict.response.ContainmentState;
import dev.interdict.response.Responder;
import dev.interdict.schema.Entity;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shows the responder's records as resources and events, in the background: of each the latest, for
 * as long as the API server is away. What is observed only is not shown.
 */
final class ContainmentResources implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ContainmentResources.class);
  private static final int MAX_WAITING = 10_000;
  private static final int MAX_MESSAGE = 1000; // the API server takes 1,024
  private static final Duration KEPT = Duration.ofDays(7);
  private static final Duration SWEEP = Duration.ofHours(1);
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final List<String> ACTIVE = active();
  private static final PatchContext APPLY =
      new PatchContext.Builder()
          .withPatchType(PatchType.SERVER_SIDE_APPLY)
          .withFieldManager("interdict-responder")
          .withForce(true)
          .build();

  private static final class Waiting {
    private ContainmentRecord record;
    private boolean quiet;
    private final CompletableFuture<Void> shown = new CompletableFuture<>();
  }

  private final KubernetesClient client;
  private final String component;
  private final Function<Entity, Pod> pods;
  private final Map<String, Waiting> waiting = new LinkedHashMap<>(); // guarded by itself
  private final Map<String, ContainmentState> told = new HashMap<>(); // the worker's
  private final Thread worker = new Thread(this::work, "interdict-shows");
  private long dropped;
  private volatile boolean closed;

  /**
   * @param pods by entity, from memory
   */
  ContainmentResources(KubernetesClient client, String component, Function<Entity, Pod> pods) {
    this.client = client;
    this.component = component;
    this.pods = pods;
    worker.setDaemon(true);
    worker.start();
  }

  /** Completes when the API server has it. */
  CompletableFuture<Void> show(ContainmentRecord record) {
    return show(record, false);
  }

  /**
   * @param quiet it is no news: no event is made
   */
  private CompletableFuture<Void> show(ContainmentRecord record, boolean quiet) {
    if (record.state() == ContainmentState.OBSERVED) {
      return CompletableFuture.completedFuture(null);
    }
    synchronized (waiting) {
      Waiting one = waiting.get(record.id());
      if (one == null) {
        if (waiting.size() >= MAX_WAITING) {
          dropped++;
          return CompletableFuture.completedFuture(null);
        }
        one = new Waiting();
        waiting.put(record.id(), one);
        one.quiet = quiet;
      }
      one.quiet &= quiet;
      one.record = record;
      waiting.notifyAll();
      return one.shown;
    }
  }

  private void work() {
    long sweepAt = System.nanoTime();
    while (!closed) {
      try {
        Waiting one = next();
        if (one != null) {
          apply(one);
        }
        if (System.nanoTime() - sweepAt >= 0) {
          sweepAt = System.nanoTime() + SWEEP.toNanos();
          sweep();
        }
      } catch (KubernetesClientException e) {
        LOG.warn("cannot show what is contained: {}", e.getMessage());
        pause();
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException e) {
        LOG.error("cannot show what is contained", e);
        pause();
      }
    }
  }

  private Waiting next() throws InterruptedException {
    synchronized (waiting) {
      if (waiting.isEmpty()) {
        waiting.wait(PAUSE.toMillis());
      }
      return waiting.isEmpty() ? null : waiting.values().iterator().next();
    }
  }

  private void pause() {
    try {
      Thread.sleep(PAUSE.toMillis());
    } catch (InterruptedException e) {
      closed = true;
    }
  }

  private void apply(Waiting one) {
    ContainmentRecord record;
    boolean quiet;
    synchronized (waiting) {
      record = one.record;
      quiet = one.quiet;
    }
    Containment whole = ContainmentText.resource(record);
    Resource<Containment> resource = client.resources(Containment.class).withName(record.id());
    try {
      resource.patch(APPLY, whole);
    } catch (KubernetesClientException e) {
      // It would be no other another time.
      if (e.getCode() != 422 && e.getCode() != 400) {
        throw e;
      }
      LOG.error("the API server does not take containment {}: {}", record.id(), e.getMessage());
      done(one, record);
      return;
    }
    one.shown.complete(null);
    resource
        .subresource("status")
        .patch(Marks.MERGE, Marks.json(Map.of("status", ContainmentText.status(record))));
    ContainmentState before = told.put(record.id(), record.state());
    if (!quiet && before != record.state() && record.state() != ContainmentState.SENT) {
      event(record);
    }
    done(one, record);
  }

  private void done(Waiting one, ContainmentRecord shown) {
    synchronized (waiting) {
      if (one.record == shown) { // nothing newer has come meanwhile
        waiting.remove(shown.id());
        if (dropped > 0) {
          LOG.error("{} changes of containments were not shown: too many waited", dropped);
          dropped = 0;
        }
      }
    }
    one.shown.complete(null);
  }

  private void event(ContainmentRecord record) {
    Entity entity = record.alert().getEntity();
    Pod pod = pods.apply(entity);
    boolean ofPod = pod != null;
    String namespace = ofPod ? pod.getMetadata().getNamespace() : "default";
    String now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    try {
      client
          .v1()
          .events()
          .inNamespace(namespace)
          .resource(
              new EventBuilder()
                  .withNewMetadata()
                  .withGenerateName("interdict-" + record.id() + "-")
                  .withNamespace(namespace)
                  .endMetadata()
                  .withInvolvedObject(
                      ofPod
                          ? new ObjectReferenceBuilder()
                              .withApiVersion("v1")
                              .withKind("Pod")
                              .withNamespace(namespace)
                              .withName(pod.getMetadata().getName())
                              .withUid(pod.getMetadata().getUid())
                              .build()
                          : new ObjectReferenceBuilder()
                              .withApiVersion(ResponsePolicy.GROUP + "/" + ResponsePolicy.VERSION)
                              .withKind("Containment")
                              .withNamespace(namespace)
                              .withName(record.id())
                              .build())
                  .withType("Warning")
                  .withReason(ContainmentText.state(record.state()))
                  .withMessage(cut(ContainmentText.sentence(record)))
                  .withNewSource()
                  .withComponent(component)
                  .endSource()
                  .withFirstTimestamp(now)
                  .withLastTimestamp(now)
                  .withCount(1)
                  .build())
          .create();
    } catch (KubernetesClientException e) {
      LOG.warn("no event of containment {}: {}", record.id(), e.getMessage());
    }
  }

  private static String cut(String text) {
    return text.length() <= MAX_MESSAGE ? text : text.substring(0, MAX_MESSAGE);
  }

  /** The responder's log keeps the rest. */
  private void sweep() {
    Instant before = Instant.now().minus(KEPT);
    for (Containment each : client.resources(Containment.class).list().getItems()) {
      String state = each.getStatus() == null ? null : each.getStatus().state;
      boolean over = state != null && !ACTIVE.contains(state);
      if (over && Instant.parse(each.getMetadata().getCreationTimestamp()).isBefore(before)) {
        client.resource(each).delete();
        told.remove(each.getMetadata().getName());
      }
    }
  }

  private static List<String> active() {
    List<String> states = new ArrayList<>();
    for (ContainmentState state : ContainmentState.values()) {
      if (state.active()) {
        states.add(ContainmentText.state(state));
      }
    }
    return List.copyOf(states);
  }

  /** What came of a person's order. */
  void answered(String id, String order, long generation, String result) {
    Map<String, Object> status = new LinkedHashMap<>();
    status.put("ordered", order);
    status.put("orderedGeneration", generation);
    status.put("orderResult", result);
    try {
      client
          .resources(Containment.class)
          .withName(id)
          .subresource("status")
          .patch(Marks.MERGE, Marks.json(Map.of("status", status)));
    } catch (KubernetesClientException e) {
      LOG.warn("cannot tell what came of order {} on {}: {}", order, id, e.getMessage());
    }
  }

  /** What changed while nobody watched. */
  void showAll(Responder responder) {
    long since = TimeUnit.MILLISECONDS.toNanos(Instant.now().minus(KEPT).toEpochMilli());
    for (ContainmentRecord record : responder.records()) {
      if (record.state().active() || record.times().decided() > since) {
        CompletableFuture<?> unused = show(record, true);
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    worker.interrupt();
    synchronized (waiting) {
      waiting.values().forEach(one -> one.shown.complete(null));
    }
  }
}
