package dev.interdict.jobs;

import dev.interdict.jobs.source.NodeStreams;
import dev.interdict.record.NodeId;
import dev.interdict.record.Position;
import dev.interdict.schema.Event;
import dev.interdict.schema.Kind;
import dev.interdict.schema.NodeInfo;
import dev.interdict.schema.Presence;
import dev.interdict.schema.Subscribe;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** Nodes, recorders and bus of a test in memory, with the same promises as the real ones. */
public final class FakeBus implements AutoCloseable {
  private static final int BATCH = 100;

  private final String key = Local.put(this);
  private final Map<NodeId, Node> nodes = new LinkedHashMap<>();
  private final List<Consumer<Presence>> watchers = new ArrayList<>();

  public NodeStreams.Dialer dialer() {
    String local = key;
    return consumer -> Local.get(local, FakeBus.class).new Connection();
  }

  public synchronized Node node(NodeId id) {
    Node node = nodes.get(id);
    if (node == null) {
      node = new Node(id);
      nodes.put(id, node);
      watchers.forEach(watcher -> watcher.accept(presence(id)));
    }
    return node;
  }

  private static Presence presence(NodeId id) {
    return Presence.newBuilder()
        .setNode(NodeInfo.newBuilder().setId(id.toString()))
        .setConnected(true)
        .build();
  }

  @Override
  public void close() {
    Local.remove(key);
  }

  private record Stored(long epoch, long sequence, long time, int kind, byte[] body) {}

  /** A node's recorder. */
  public static final class Node {
    private final NodeId id;
    private final List<Stored> log = new ArrayList<>();
    private final List<Stream> streams = new ArrayList<>();
    private long epoch = 1;
    private long sequence;
    private long fence;
    private Position acknowledged;
    private List<Kind> asked = List.of();

    Node(NodeId id) {
      this.id = id;
    }

    public NodeId id() {
      return id;
    }

    /** What a consumer has said is safe; null before that. */
    public synchronized Position acknowledged() {
      return acknowledged;
    }

    /** The kinds of the newest subscription; empty means all. */
    public synchronized List<Kind> asked() {
      return asked;
    }

    public synchronized void nextEpoch() {
      epoch++;
      sequence = 0;
    }

    public synchronized void append(Event event) {
      log.add(
          new Stored(
              epoch, ++sequence, event.getTime(), event.getKindValue(), event.toByteArray()));
      streams.forEach(Stream::wake);
    }

    private synchronized int indexOf(long fromEpoch, long fromSequence) {
      int index = 0;
      while (index < log.size()
          && (log.get(index).epoch < fromEpoch
              || (log.get(index).epoch == fromEpoch && log.get(index).sequence < fromSequence))) {
        index++;
      }
      return index;
    }
  }

  private final class Connection implements NodeStreams {
    private final List<Stream> streams = new ArrayList<>();
    private final List<Consumer<Presence>> watching = new ArrayList<>();

    @Override
    public void watch(Consumer<Presence> listener) {
      synchronized (FakeBus.this) {
        watching.add(listener);
        watchers.add(listener);
        nodes.keySet().forEach(id -> listener.accept(presence(id)));
      }
    }

    @Override
    public NodeStream open(Subscribe request) {
      Stream stream = new Stream(node(NodeId.parse(request.getNode())), request);
      streams.add(stream);
      return stream;
    }

    @Override
    public void close() {
      streams.forEach(Stream::close);
      synchronized (FakeBus.this) {
        watchers.removeAll(watching);
      }
    }
  }

  private static final class Stream implements NodeStreams.NodeStream {
    private final Node node;
    private final List<Kind> kinds;
    private final long fence;
    private int next;
    private CompletableFuture<Void> available = new CompletableFuture<>();

    Stream(Node node, Subscribe request) {
      this.node = node;
      this.kinds = request.getKindsList();
      this.fence = request.getFence();
      synchronized (node) {
        node.fence = Math.max(node.fence, fence);
        node.streams.add(this);
        node.asked = kinds;
        next =
            request.hasFrom()
                ? node.indexOf(request.getFrom().getEpoch(), request.getFrom().getSequence())
                : request.getFromTime() != 0 ? 0 : node.log.size();
      }
    }

    void wake() {
      available.complete(null);
    }

    @Override
    public NodeStreams.Batch poll() throws IOException {
      synchronized (node) {
        if (node.fence > fence) {
          throw new IOException("FENCED fence=" + fence + " newer=" + node.fence);
        }
        if (next == node.log.size()) {
          available = new CompletableFuture<>();
          return null;
        }
        long epoch = node.log.get(next).epoch;
        List<Stored> covered = new ArrayList<>();
        while (next < node.log.size()
            && covered.size() < BATCH
            && node.log.get(next).epoch == epoch) {
          covered.add(node.log.get(next++));
        }
        return new Batch(covered, kinds);
      }
    }

    @Override
    public CompletableFuture<Void> available() {
      synchronized (node) {
        return available;
      }
    }

    @Override
    public void acknowledge(Position before) {
      synchronized (node) {
        node.acknowledged = before;
      }
    }

    @Override
    public Position resume() {
      synchronized (node) {
        return next < node.log.size()
            ? new Position(node.id, node.log.get(next).epoch, node.log.get(next).sequence)
            : new Position(node.id, node.epoch, node.sequence + 1);
      }
    }

    @Override
    public void close() {
      synchronized (node) {
        node.streams.remove(this);
      }
    }
  }

  private static final class Batch implements NodeStreams.Batch {
    private final List<Stored> covered;
    private final List<Kind> kinds;
    private int index = -1;

    Batch(List<Stored> covered, List<Kind> kinds) {
      this.covered = covered;
      this.kinds = kinds;
    }

    @Override
    public long epoch() {
      return covered.get(0).epoch;
    }

    @Override
    public long firstSequence() {
      return covered.get(0).sequence;
    }

    @Override
    public long lastSequence() {
      return covered.get(covered.size() - 1).sequence;
    }

    @Override
    public long clock() {
      return covered.stream().mapToLong(Stored::time).max().orElse(0);
    }

    @Override
    public boolean next() {
      do {
        index++;
      } while (index < covered.size()
          && !kinds.isEmpty()
          && !kinds.contains(Kind.forNumber(covered.get(index).kind)));
      return index < covered.size();
    }

    @Override
    public long sequence() {
      return covered.get(index).sequence;
    }

    @Override
    public int kind() {
      return covered.get(index).kind;
    }

    @Override
    public long time() {
      return covered.get(index).time;
    }

    @Override
    public byte[] array() {
      return covered.get(index).body;
    }

    @Override
    public int offset() {
      return 0;
    }

    @Override
    public int length() {
      return covered.get(index).body.length;
    }
  }
}
