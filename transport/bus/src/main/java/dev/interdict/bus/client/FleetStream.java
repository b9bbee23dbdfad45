package dev.interdict.bus.client;

import dev.interdict.schema.NodeInfo;
import dev.interdict.schema.Presence;
import dev.interdict.schema.StreamEnd;
import dev.interdict.schema.Subscribe;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * The streams of all nodes that a selector means, those that come later included. Nodes are given
 * in turn; there is no order between them. poll belongs to one thread.
 */
public final class FleetStream implements AutoCloseable {
  private final BusClient client;
  private final NodeSelector nodes;
  private final Subscribe template;
  private final Runnable stopWatching;

  private final Object lock = new Object();
  private final Map<String, EventStream> streams = new LinkedHashMap<>();
  private final Map<String, StreamEnd> ends = new LinkedHashMap<>();
  private List<EventStream> order = List.of();
  private CompletableFuture<Void> waiting = new CompletableFuture<>();
  private boolean closed;

  private int turn;
  private EventBatch last;

  FleetStream(BusClient client, NodeSelector nodes, Subscribe template) {
    if (template.hasFrom() || !template.getNode().isEmpty()) {
      throw new IllegalArgumentException(
          "a request to many nodes may name neither a node nor a position: node="
              + template.getNode());
    }
    this.client = client;
    this.nodes = nodes;
    this.template = template;
    this.stopWatching = client.watchPresence(this::onPresence)::close;
  }

  private void onPresence(Presence presence) {
    NodeInfo node = presence.getNode();
    if (!presence.getConnected() || !nodes.matches(node)) {
      return;
    }
    synchronized (lock) {
      if (closed || streams.containsKey(node.getId())) {
        return;
      }
      EventStream stream = client.subscribe(template.toBuilder().setNode(node.getId()).build());
      streams.put(node.getId(), stream);
      order = List.copyOf(streams.values());
      stream.onAvailable(this::wake);
    }
    wake();
  }

  private void wake() {
    CompletableFuture<Void> toWake;
    synchronized (lock) {
      toWake = waiting;
      waiting = new CompletableFuture<>();
    }
    toWake.complete(null);
  }

  /**
   * The next batch of some node, or null if there is none now; valid until the next poll. The batch
   * says whose it is.
   */
  public EventBatch poll() {
    if (last != null) {
      last.close();
      last = null;
    }
    List<EventStream> round;
    synchronized (lock) {
      round = order;
    }
    for (int i = 0; i < round.size(); i++) {
      EventStream stream = round.get(Math.floorMod(turn++, round.size()));
      last = stream.poll();
      if (last != null) {
        return last;
      }
      StreamEnd end = stream.end();
      if (end != null) {
        synchronized (lock) {
          ends.put(stream.node().toString(), end);
        }
      }
    }
    return null;
  }

  /**
   * Take it before a poll that gives null, and wait for it after: it completes, maybe on the bus
   * thread, when there may be more.
   */
  public CompletableFuture<Void> available() {
    synchronized (lock) {
      return waiting;
    }
  }

  /** Nodes that give no more, by id, and why. */
  public Map<String, StreamEnd> ends() {
    synchronized (lock) {
      return Map.copyOf(ends);
    }
  }

  /** Nodes that are or were read. */
  public int nodes() {
    synchronized (lock) {
      return streams.size();
    }
  }

  @Override
  public void close() {
    stopWatching.run();
    synchronized (lock) {
      closed = true;
      order.forEach(EventStream::close);
    }
    wake();
  }
}
