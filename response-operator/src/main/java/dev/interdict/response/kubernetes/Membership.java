package dev.interdict.response.kubernetes;

import dev.interdict.bus.local.Parts;
import dev.interdict.response.Orchestrator;
import dev.interdict.response.Policies;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** A responder's place in a cluster: of several, one acts. Close it after the responder. */
public final class Membership implements AutoCloseable {
  private final Parts parts = new Parts();
  private final KubernetesClient client;
  private final String namespace;
  private final Leadership leadership;

  private Membership(KubernetesClient client, String namespace, Leadership leadership) {
    this.client = client;
    this.namespace = namespace;
    this.leadership = leadership;
  }

  /**
   * Of the cluster of this pod, or of the kubeconfig.
   *
   * @param namespace of the Lease, and where Interdict runs; null: that of the pod or kubeconfig
   * @param identity of this process, unlike that of any other
   */
  public static Membership join(String namespace, String lease, String identity)
      throws IOException {
    KubernetesClient client;
    try {
      client =
          new KubernetesClientBuilder().withConfig(patient(Config.autoConfigure(null))).build();
    } catch (KubernetesClientException e) {
      throw new IOException("no cluster is configured: " + e.getMessage(), e);
    }
    String within = namespace == null ? client.getNamespace() : namespace;
    if (within == null) {
      client.close();
      throw new IOException("neither pod nor kubeconfig tells a namespace: give --namespace");
    }
    Membership membership =
        new Membership(client, within, new Leadership(client, within, lease, identity));
    membership.parts.push(client::close);
    membership.parts.push(membership.leadership::close);
    return membership;
  }

  /** What fails is tried again by the responder, which knows for how long it makes sense. */
  static Config patient(Config config) {
    config.setRequestRetryBackoffLimit(1);
    config.setConnectionTimeout((int) Duration.ofSeconds(5).toMillis());
    config.setRequestTimeout((int) Duration.ofSeconds(10).toMillis());
    return config;
  }

  /** Whether this process is the one that acts, by then. */
  public boolean leads(Duration within) throws InterruptedException {
    return leadership.await(within);
  }

  /** Completes when another leads. */
  public CompletableFuture<Void> lost() {
    return leadership.lost();
  }

  /**
   * Of the one that leads.
   *
   * @param ofFile tried where no policy that is a resource matches
   */
  public Orchestrator orchestrator(Policies ofFile) throws IOException {
    KubernetesOrchestrator orchestrator = KubernetesOrchestrator.start(client, namespace, ofFile);
    parts.push(orchestrator::close);
    return orchestrator;
  }

  @Override
  public void close() throws IOException {
    parts.close();
  }
}
