package dev.interdict.benchmarks.backplane;

import java.io.IOException;

/** Where a producer puts events. */
interface Sink extends AutoCloseable {
  /** Of one of the simulated nodes. The bytes may be reused after it returns. */
  void send(int node, byte[] event) throws IOException;

  /** What was sent goes out at the latest now. */
  void flush() throws IOException;

  /** What was sent of one of the nodes. */
  default void flush(int node) throws IOException {
    flush();
  }

  /** Returns when all that was sent is acknowledged. */
  @Override
  void close() throws IOException;
}
