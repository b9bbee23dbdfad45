package dev.interdict.response.kubernetes;

import dev.interdict.response.StepKind;
import dev.interdict.response.StepOrder;
import dev.interdict.response.StepResult;
import dev.interdict.response.StepRunner;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries out steps through the API server, a few at a time. */
final class KubernetesSteps implements StepRunner, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(KubernetesSteps.class);
  private static final int AT_A_TIME = 4;
  private static final int ATTEMPTS = 5;
  private static final int CONFLICT = 409;

  /** On a thread that may block. */
  interface Action {
    StepResult run(StepOrder order);

    /** Done as well where nothing is found that the step did. */
    default StepResult undo(StepOrder order) {
      return StepResult.done("");
    }
  }

  private final Map<StepKind, Action> actions;
  private final ExecutorService workers;
  private volatile Set<Permission> missing = Set.of();

  KubernetesSteps(KubernetesClient client) {
    Pods pods = new Pods(client);
    Owners owners = new Owners(client, pods);
    Nodes nodes = new Nodes(client, pods);
    actions =
        Map.ofEntries(
            Map.entry(StepKind.ORPHAN, new Orphan(client, pods)),
            Map.entry(StepKind.NETWORK_POLICY, new Isolate(client, pods)),
            Map.entry(StepKind.EVICT_POD, new RemovePod(pods, true)),
            Map.entry(StepKind.DELETE_POD, new RemovePod(pods, false)),
            Map.entry(StepKind.ROLLOUT_RESTART, new RolloutRestart(owners)),
            Map.entry(StepKind.SCALE_TO_ZERO, new ScaleToZero(owners)),
            Map.entry(StepKind.ANNOTATE, new Annotate(client, pods, owners, nodes)),
            Map.entry(StepKind.CHECKPOINT, new Checkpoint(client, pods)),
            Map.entry(StepKind.CORDON, new Cordon(nodes)),
            Map.entry(StepKind.DRAIN, new Drain(pods, nodes)),
            Map.entry(StepKind.TAINT, new Taint(nodes)));
    AtomicInteger threads = new AtomicInteger();
    workers =
        Executors.newFixedThreadPool(
            AT_A_TIME,
            task -> {
              Thread thread = new Thread(task, "interdict-steps-" + threads.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
  }

  /** Steps that need any of them are left out, and say so. */
  void missing(Set<Permission> permissions) {
    missing = Set.copyOf(permissions);
  }

  @Override
  public String obstacle(StepKind kind) {
    if (!actions.containsKey(kind)) {
      return kind.text() + " is not done through the API server";
    }
    List<Permission> lacking = Permission.of(kind).stream().filter(missing::contains).toList();
    return lacking.isEmpty() ? null : "the responder's account may not " + lacking.get(0);
  }

  @Override
  public CompletableFuture<StepResult> run(StepOrder order) {
    return submit(order, "", action -> action.run(order));
  }

  @Override
  public CompletableFuture<StepResult> undo(StepOrder order) {
    return submit(order, "undo of ", action -> action.undo(order));
  }

  private interface Task {
    StepResult of(Action action);
  }

  private CompletableFuture<StepResult> submit(StepOrder order, String what, Task task) {
    try {
      return CompletableFuture.supplyAsync(() -> guarded(order, what, task), workers);
    } catch (RejectedExecutionException e) {
      return CompletableFuture.completedFuture(StepResult.again("the responder is closed"));
    }
  }

  private StepResult guarded(StepOrder order, String what, Task task) {
    StepResult result;
    try {
      result = persistent(actions.get(order.kind()), task);
    } catch (KubernetesClientException e) {
      result = of(e);
    } catch (RuntimeException e) {
      LOG.error("{}{} {} failed", what, order.kind().text(), order.key(), e);
      result = StepResult.failed(e.toString());
    }
    LOG.info(
        "{}{} {}: {} {}",
        what,
        order.kind().text(),
        order.key(),
        result.status(),
        result.message());
    return result;
  }

  /**
   * Where somebody has changed the object meanwhile, it looks again: nodes are written to often.
   */
  private static StepResult persistent(Action action, Task task) {
    for (int attempt = 1; ; attempt++) {
      try {
        return task.of(action);
      } catch (KubernetesClientException e) {
        if (e.getCode() != CONFLICT || attempt == ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  /** What may pass by itself is worth another try. */
  static StepResult of(KubernetesClientException e) {
    String said = e.getStatus() == null ? e.getMessage() : e.getStatus().getMessage();
    int code = e.getCode();
    if (code == 403) {
      return StepResult.refused("the API server forbids it: " + said);
    }
    if (code == 404 || code == 422 || code == 400) {
      return StepResult.failed("the API server: " + said);
    }
    return StepResult.again(
        code == 0 ? "the API server cannot be reached: " + said : "the API server: " + said);
  }

  @Override
  public void close() {
    workers.shutdownNow();
  }
}
