package dev.interdict.bus.client;

import dev.interdict.record.Position;
import dev.interdict.schema.StreamEnd;
import java.util.concurrent.CompletableFuture;

/**
 * The events of one node. Survives lost connections, backplanes and nodes: it goes on where it was.
 * poll and the batch belong to one thread; the rest may be called by any.
 */
public final class EventStream implements AutoCloseable {
  EventStream() {}

  /**
   * The next batch, or null if there is none now. It may hold no event: then it tells how far the
   * stream has come. The batch before it is given back, so its contents must not be used any more.
   */
  public EventBatch poll() {
    throw new UnsupportedOperationException();
  }

  /**
   * Completes, maybe on the bus thread, when poll has something to give or the stream has ended.
   */
  public CompletableFuture<Void> available() {
    throw new UnsupportedOperationException();
  }

  /**
   * Where to go on after the batch that was polled last; null while a live stream has not yet been
   * told where it starts.
   */
  public Position resume() {
    throw new UnsupportedOperationException();
  }

  /** Why no more will come; null while the stream lives or batches are left to poll. */
  public StreamEnd end() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {
    throw new UnsupportedOperationException();
  }
}
