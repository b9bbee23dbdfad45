package dev.interdict.jobs.source;

import dev.interdict.bus.client.BusClient;
import dev.interdict.bus.client.EventBatch;
import dev.interdict.bus.client.EventStream;
import dev.interdict.jobs.BusAccess;
import dev.interdict.record.Position;
import dev.interdict.schema.Presence;
import dev.interdict.schema.StreamEnd;
import dev.interdict.schema.Subscribe;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** Node streams over a real bus connection. */
public final class BusStreams implements NodeStreams {
  private final BusClient client;

  private BusStreams(BusClient client) {
    this.client = client;
  }

  public static Dialer dialer(BusAccess access) {
    return consumer -> new BusStreams(BusClient.connect(access.open(), consumer));
  }

  /** The watch ends with the connection. */
  @Override
  public void watch(Consumer<Presence> listener) {
    client.watchPresence(listener);
  }

  @Override
  public NodeStream open(Subscribe request) {
    return new Stream(client.subscribe(request), request.getNode());
  }

  @Override
  public void close() {
    client.close();
  }

  private record Stream(EventStream stream, String node) implements NodeStream {
    @Override
    public Batch poll() throws IOException {
      EventBatch batch = stream.poll();
      if (batch != null) {
        return new BusBatch(batch);
      }
      StreamEnd end = stream.end();
      if (end != null) {
        throw new IOException(
            "stream of node " + node + " ended: " + end.getCode() + " " + end.getMessage());
      }
      return null;
    }

    @Override
    public CompletableFuture<Void> available() {
      return stream.available();
    }

    @Override
    public void acknowledge(Position before) {
      stream.acknowledge(before);
    }

    @Override
    public Position resume() {
      return stream.resume();
    }

    @Override
    public void close() {
      stream.close();
    }
  }

  private record BusBatch(EventBatch batch) implements Batch {
    @Override
    public long epoch() {
      return batch.epoch();
    }

    @Override
    public long firstSequence() {
      return batch.firstSequence();
    }

    @Override
    public long lastSequence() {
      return batch.lastSequence();
    }

    @Override
    public long clock() {
      return batch.lastTime();
    }

    @Override
    public boolean next() {
      return batch.next();
    }

    @Override
    public long sequence() {
      return batch.sequence();
    }

    @Override
    public int kind() {
      return batch.kind();
    }

    @Override
    public long time() {
      return batch.time();
    }

    @Override
    public byte[] array() {
      return batch.array();
    }

    @Override
    public int offset() {
      return batch.offset();
    }

    @Override
    public int length() {
      return batch.length();
    }
  }
}
