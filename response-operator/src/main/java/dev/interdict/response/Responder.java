package dev.interdict.response;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** Any thread. */
public final class Responder implements AutoCloseable {
  public static Responder start(ResponderConfig config) throws IOException {
    throw new UnsupportedOperationException();
  }

  /** Oldest first; bounded, but never without those that are active. */
  public List<ContainmentRecord> records() {
    throw new UnsupportedOperationException();
  }

  /** Every change from now on, told on the responder's thread: it must not block. */
  public AutoCloseable watch(Consumer<ContainmentRecord> watcher) {
    throw new UnsupportedOperationException();
  }

  /** Completes when the node has undone it, with ReleaseFailedException where it cannot. */
  public CompletableFuture<ContainmentRecord> release(String containmentId) {
    throw new UnsupportedOperationException();
  }

  /** Containments stay in force; what is not answered is taken up again at the next start. */
  @Override
  public void close() throws IOException {
    throw new UnsupportedOperationException();
  }
}
