package dev.interdict.benchmarks.backplane;

import java.io.IOException;

/** Where a producer puts events. */
interface Sink extends AutoCloseable {
  /** Of one of the simulated nodes. The bytes may be reused after it returns. */
  void send(int node, byte[] event) throws IOException;

  /** Called every 5 ms: what was sent goes out at the latest now. */
  void flush() throws IOException;

  /** Returns when all that was sent is acknowledged. */
  @Override
  void close() throws IOException;
}
