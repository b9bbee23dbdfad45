package dev.interdict.response.kubernetes;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElectionConfigBuilder;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaseLock;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One responder acts at a time: it holds a Lease, and ends when it cannot renew it, before another
 * may take it. The commands that it sent by then carry ids that nodes carry out once.
 */
final class Leadership implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Leadership.class);
  private static final Duration LEASE = Duration.ofSeconds(15);
  private static final Duration RENEW = Duration.ofSeconds(10);
  private static final Duration RETRY = Duration.ofSeconds(2);

  private final CountDownLatch taken = new CountDownLatch(1);
  private final CompletableFuture<Void> lost = new CompletableFuture<>();
  private final CompletableFuture<?> election;

  /**
   * @param identity of this process, such as the pod's name
   */
  Leadership(KubernetesClient client, String namespace, String lease, String identity) {
    election =
        client
            .leaderElector()
            .withConfig(
                new LeaderElectionConfigBuilder()
                    .withName(lease)
                    .withLock(new LeaseLock(namespace, lease, identity))
                    .withLeaseDuration(LEASE)
                    .withRenewDeadline(RENEW)
                    .withRetryPeriod(RETRY)
                    .withReleaseOnCancel()
                    .withLeaderCallbacks(
                        new LeaderCallbacks(
                            taken::countDown,
                            () -> lost.complete(null),
                            leader -> LOG.info("the responder that acts is {}", leader)))
                    .build())
            .build()
            .start();
    CompletableFuture<?> unused =
        election.whenComplete(
            (done, failure) -> {
              if (failure != null && !(failure instanceof CancellationException)) {
                LOG.error("the election ended", failure);
              }
              lost.complete(null);
            });
  }

  /** Whether this process is the one that acts, by then. */
  boolean await(Duration within) throws InterruptedException {
    return taken.await(within.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Completes when it is no more, or must assume so. */
  CompletableFuture<Void> lost() {
    return lost.copy();
  }

  /** Lets go of it, so that the next need not wait. */
  @Override
  public void close() {
    election.cancel(true);
  }
}
