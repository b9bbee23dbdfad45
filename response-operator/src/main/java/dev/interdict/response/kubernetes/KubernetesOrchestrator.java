package dev.interdict.response.kubernetes;

import dev.interdict.bus.local.Parts;
import dev.interdict.response.ContainmentRecord;
import dev.interdict.response.Orchestrator;
import dev.interdict.response.Policies;
import dev.interdict.response.Responder;
import dev.interdict.response.StepRunner;
import dev.interdict.response.Workloads;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A cluster around the responder. What owns a container and which policies there are is known from
 * memory; the API server may be away, and containment on the nodes goes on.
 */
final class KubernetesOrchestrator implements Orchestrator, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(KubernetesOrchestrator.class);
  private static final Duration SYNC = Duration.ofMinutes(1);
  private static final String COMPONENT = "interdict-responder";

  private final Parts parts = new Parts();
  private final KubernetesClient client;
  private final Policies ofFile;
  private WatchedWorkloads workloads;
  private KubernetesSteps steps;
  private ContainmentResources shown;
  private ExecutorService executor;
  private volatile Set<Permission> missing = Set.of();

  private KubernetesOrchestrator(KubernetesClient client, Policies ofFile) {
    this.client = client;
    this.ofFile = ofFile;
  }

  /**
   * @param namespace where the parts of Interdict run, which are spared
   * @param ofFile tried where no policy that is a resource matches
   */
  static KubernetesOrchestrator start(KubernetesClient client, String namespace, Policies ofFile)
      throws IOException {
    KubernetesOrchestrator orchestrator = new KubernetesOrchestrator(client, ofFile);
    try {
      orchestrator.open(namespace);
      return orchestrator;
    } catch (IOException | RuntimeException e) {
      orchestrator.close();
      throw e;
    }
  }

  private void open(String namespace) throws IOException {
    executor =
        Executors.newSingleThreadExecutor(
            task -> {
              Thread thread = new Thread(task, "interdict-operator");
              thread.setDaemon(true);
              return thread;
            });
    parts.push(executor::shutdownNow);
    steps = new KubernetesSteps(client);
    parts.push(steps::close);
    check(ofFile);
    workloads = WatchedWorkloads.start(client, namespace, SYNC);
    parts.push(workloads::close);
    shown = new ContainmentResources(client, COMPONENT, workloads::pod);
    parts.push(shown::close);
  }

  /** Named now, and not at the attack. */
  private void check(Policies policies) throws IOException {
    try {
      Set<Permission> now = new AccessCheck(client).missing(policies.stepKinds());
      for (Permission permission : now) {
        if (!missing.contains(permission)) {
          LOG.error("the responder's account lacks a permission: {}", permission);
        }
      }
      missing = now;
      steps.missing(now);
    } catch (KubernetesClientException e) {
      throw new IOException("cannot ask the API server: " + e.getMessage(), e);
    }
  }

  @Override
  public Workloads workloads() {
    return workloads;
  }

  @Override
  public StepRunner steps() {
    return steps;
  }

  @Override
  public CompletableFuture<?> show(ContainmentRecord intent) {
    return shown.show(intent);
  }

  @Override
  public void opened(Responder responder) throws IOException {
    parts.push(responder.watch(shown::show));
    shown.showAll(responder);
    workloads.watch(new Restarts(responder));
    PolicyResources policies =
        new PolicyResources(client, ofFile, now -> use(responder, now), steps, executor);
    parts.push(policies::close);
    policies.start(SYNC);
    OrderResources orders = new OrderResources(client, shown, responder, executor);
    parts.push(orders::close);
    orders.start(SYNC);
  }

  private void use(Responder responder, Policies policies) {
    responder.use(policies);
    try {
      check(policies);
    } catch (IOException e) {
      LOG.warn("permissions are not known: {}", e.getMessage());
    }
  }

  @Override
  public void close() throws IOException {
    parts.close();
  }
}
