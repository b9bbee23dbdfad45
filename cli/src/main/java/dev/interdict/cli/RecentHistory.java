package dev.interdict.cli;

import dev.interdict.bus.client.BusClient;
import dev.interdict.bus.client.EventBatch;
import dev.interdict.bus.client.EventStream;
import dev.interdict.schema.NodeStatus;
import dev.interdict.schema.Presence;
import dev.interdict.schema.Subscribe;
import dev.interdict.storage.ArchivedHeads;
import dev.interdict.storage.ArchivedHeads.Head;
import dev.interdict.storage.Catalog;
import dev.interdict.storage.RecentEvents;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Fetches from the nodes what the archive has not committed yet. */
final class RecentHistory {
  private static final int NODES_AT_ONCE = 8;
  private static final long SILENCE_SECONDS = 10;

  private final BusClient client;
  private final RecentEvents into;
  private final long limit;

  /**
   * Up to where the answer is complete.
   *
   * @param lacking why it does not reach the node's newest event, or null where it does
   */
  record Reach(String node, String name, Head head, String lacking) {
    @Override
    public String toString() {
      String text = PrintableText.of(name) + " (" + node + ")";
      text +=
          head == null
              ? ": nothing is known of it"
              : ": complete up to epoch "
                  + head.epoch()
                  + " sequence "
                  + head.sequence()
                  + (head.time() == 0
                      ? ""
                      : ", "
                          + Instant.ofEpochSecond(
                              head.time() / 1_000_000_000, head.time() % 1_000_000_000));
      return lacking == null ? text : text + "; " + lacking;
    }
  }

  /**
   * @param limit events; beyond it nodes are left incomplete
   */
  RecentHistory(BusClient client, RecentEvents into, long limit) {
    this.client = client;
    this.into = into;
    this.limit = limit;
  }

  List<Reach> fetch(Catalog catalog) throws IOException, InterruptedException {
    Map<String, Presence> nodes = FleetOptions.nodes(client);
    Map<String, Head> heads = ArchivedHeads.of(catalog, nodes.keySet());
    ExecutorService readers = Executors.newFixedThreadPool(NODES_AT_ONCE);
    try {
      List<Callable<Reach>> tasks = new ArrayList<>();
      nodes.forEach((id, presence) -> tasks.add(() -> fetch(presence, heads.get(id))));
      List<Reach> reached = new ArrayList<>();
      for (Future<Reach> task : readers.invokeAll(tasks)) {
        reached.add(task.get());
      }
      into.finish();
      return reached;
    } catch (ExecutionException e) {
      throw new IOException("cannot read from the nodes: " + e.getCause().getMessage(), e);
    } finally {
      readers.shutdownNow();
    }
  }

  private Reach fetch(Presence presence, Head archived) throws IOException, InterruptedException {
    String id = presence.getNode().getId();
    String name = presence.getNode().getName();
    if (!presence.hasStatus()) {
      return new Reach(id, name, archived, "the node tells nothing of itself");
    }
    NodeStatus status = presence.getStatus();
    Head newest = new Head(status.getEpoch(), status.getLastSequence(), status.getLastTime());
    if (newest.sequence() == 0 || (archived != null && isAt(archived, newest))) {
      return new Reach(id, name, archived, null);
    }
    try (EventStream stream = client.subscribe(from(id, archived))) {
      return read(stream, id, name, archived, newest);
    }
  }

  private static Subscribe from(String node, Head archived) {
    Subscribe.Builder request = Subscribe.newBuilder().setNode(node);
    if (archived == null) {
      request.setFromTime(1);
    } else {
      request
          .getFromBuilder()
          .setNode(node)
          .setEpoch(archived.epoch())
          .setSequence(archived.sequence() + 1);
    }
    return request.build();
  }

  private Reach read(EventStream stream, String id, String name, Head archived, Head newest)
      throws IOException, InterruptedException {
    Head reached = archived;
    while (reached == null || !isAt(reached, newest)) {
      if (into.events() >= limit) {
        return new Reach(id, name, reached, "more than --recent-limit=" + limit + " follow");
      }
      EventBatch batch = stream.poll();
      if (batch != null) {
        while (batch.next()) {
          into.append(
              batch.node().hi(),
              batch.node().lo(),
              batch.epoch(),
              batch.sequence(),
              batch.time(),
              batch.array(),
              batch.offset(),
              batch.length());
        }
        reached = new Head(batch.epoch(), batch.lastSequence(), batch.lastTime());
      } else if (stream.end() != null) {
        return new Reach(id, name, reached, "the node ended the stream: " + stream.end());
      } else if (!isAvailable(stream)) {
        return new Reach(id, name, reached, "the node sends nothing more");
      }
    }
    return new Reach(id, name, reached, null);
  }

  private static boolean isAvailable(EventStream stream) throws IOException, InterruptedException {
    try {
      stream.available().get(SILENCE_SECONDS, TimeUnit.SECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw new IOException("the stream failed: " + e.getCause().getMessage(), e);
    }
  }

  private static boolean isAt(Head reached, Head newest) {
    return reached.epoch() > newest.epoch()
        || (reached.epoch() == newest.epoch() && reached.sequence() >= newest.sequence());
  }
}
