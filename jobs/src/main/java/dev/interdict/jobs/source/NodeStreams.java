package dev.interdict.jobs.source;

import dev.interdict.record.Position;
import dev.interdict.schema.Presence;
import dev.interdict.schema.Subscribe;
import java.io.IOException;
import java.io.Serializable;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** The bus as a source sees it: the one place where it touches the network. */
public interface NodeStreams extends AutoCloseable {
  /**
   * Tells of every node known now and of each change, on a thread of the connection. Ends with it.
   */
  void watch(Consumer<Presence> listener);

  /** Resumes by itself after a lost connection. */
  NodeStream open(Subscribe request);

  @Override
  void close() throws IOException;

  /** Travels in the job graph: it may know where a key lies, never the key itself. */
  interface Dialer extends Serializable {
    NodeStreams dial(String consumer) throws IOException;
  }

  /** The events of one node in order. Used by one thread, except for the future. */
  interface NodeStream extends AutoCloseable {
    /** Null if there is none now. The batch is valid until the next call. */
    Batch poll() throws IOException;

    /** Completes once {@link #poll} may give a batch, or throw. */
    CompletableFuture<Void> available();

    /** Everything before the position is safe: the node may let go of it. */
    void acknowledge(Position before);

    /** Where to go on after the last batch; null while a live stream has not begun. */
    Position resume();

    @Override
    void close();
  }

  /** A covered range of sequences with those of its events that were asked for. */
  interface Batch {
    long epoch();

    long firstSequence();

    long lastSequence();

    /** The node's clock at the end of the batch, Unix nanoseconds; 0 if not known. */
    long clock();

    boolean next();

    long sequence();

    int kind();

    long time();

    byte[] array();

    int offset();

    int length();
  }
}
