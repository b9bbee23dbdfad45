package dev.interdict.response.kubernetes;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElectionConfig;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElectionConfigBuilder;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaseLock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One responder acts at a time: it holds a Lease, and ends when it sees that another does. An API
 * server that is away stops no response: nobody can take the Lease meanwhile. Where only this one
 * does not reach it, two may act for a while; what they send to nodes has the same ids, which a
 * node carries out once.
 */
final class Leadership implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Leadership.class);
  private static final Duration LEASE = Duration.ofSeconds(15);
  private static final Duration RENEW = Duration.ofSeconds(10);
  private static final Duration RETRY = Duration.ofSeconds(2);

  private final KubernetesClient client;
  private final String identity;
  private final LeaderElectionConfig config;
  private final CountDownLatch taken = new CountDownLatch(1);
  private final CompletableFuture<Void> lost = new CompletableFuture<>();
  private CompletableFuture<?> election; // guarded by this
  private boolean closed; // guarded by this

  /**
   * @param identity of this process, such as the pod's name
   */
  Leadership(KubernetesClient client, String namespace, String lease, String identity) {
    this.client = client;
    this.identity = identity;
    config =
        new LeaderElectionConfigBuilder()
            .withName(lease)
            .withLock(new LeaseLock(namespace, lease, identity))
            .withLeaseDuration(LEASE)
            .withRenewDeadline(RENEW)
            .withRetryPeriod(RETRY)
            .withReleaseOnCancel()
            .withLeaderCallbacks(new LeaderCallbacks(taken::countDown, () -> {}, this::leads))
            .build();
    elect();
  }

  private void leads(String leader) {
    LOG.info("the responder that acts is {}", leader);
    if (taken.getCount() == 0 && !leader.isEmpty() && !leader.equals(identity)) {
      lost.complete(null);
    }
  }

  /** Again as soon as one election has ended, which it does where the Lease cannot be renewed. */
  private synchronized void elect() {
    if (closed) {
      return;
    }
    election = client.leaderElector().withConfig(config).build().start();
    CompletableFuture<?> unused =
        election.whenCompleteAsync(
            (done, failure) -> elect(),
            CompletableFuture.delayedExecutor(RETRY.toMillis(), TimeUnit.MILLISECONDS));
  }

  /** Whether this process is the one that acts, by then. */
  boolean await(Duration within) throws InterruptedException {
    return taken.await(within.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Completes when another acts. */
  CompletableFuture<Void> lost() {
    return lost.copy();
  }

  /** Lets go of it, so that the next need not wait. */
  @Override
  public synchronized void close() {
    closed = true;
    election.cancel(true);
  }
}
