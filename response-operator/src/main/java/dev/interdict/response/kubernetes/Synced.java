package dev.interdict.response.kubernetes;

import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/** Informers that have read what there is. */
final class Synced {
  private Synced() {}

  static void await(Duration within, SharedIndexInformer<?>... informers) throws IOException {
    CompletableFuture<?> all =
        CompletableFuture.allOf(
            Stream.of(informers)
                .map(informer -> informer.start().toCompletableFuture())
                .toArray(CompletableFuture<?>[]::new));
    try {
      all.get(within.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new IOException(
          "the API server has not told all that is watched within " + within.toSeconds() + " s", e);
    } catch (ExecutionException e) {
      throw new IOException("cannot watch the cluster: " + e.getCause().getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }
}
