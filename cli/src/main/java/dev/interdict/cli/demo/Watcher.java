package dev.interdict.cli.demo;

import dev.interdict.bus.client.BusClient;
import dev.interdict.bus.client.EventBatch;
import dev.interdict.bus.client.EventStream;
import dev.interdict.schema.EventView;
import dev.interdict.schema.Subscribe;
import java.util.function.Consumer;

/** Shows events as they cross the bus: a live subscription like any other. */
final class Watcher implements AutoCloseable {
  private final BusClient client;
  private final EventStream stream;
  private final Thread thread;
  private final Consumer<EventView> seen;
  private volatile boolean closed;

  Watcher(BusClient client, String node, Consumer<EventView> seen) {
    this.client = client;
    this.seen = seen;
    stream = client.subscribe(Subscribe.newBuilder().setNode(node).build());
    thread = new Thread(this::watch, "demo-watcher");
    thread.setDaemon(true);
    thread.start();
  }

  private void watch() {
    EventView view = new EventView();
    while (!closed && stream.end() == null) {
      EventBatch batch = stream.poll();
      if (batch == null) {
        stream.available().join();
        continue;
      }
      while (batch.next()) {
        view.wrap(batch.array(), batch.offset(), batch.length());
        seen.accept(view);
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    stream.close();
    client.close();
  }
}
