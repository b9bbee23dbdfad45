package dev.interdict.bus.backplane;

import java.io.IOException;
import java.net.InetSocketAddress;

/** A stateless relay between nodes and consumers. */
public final class Backplane implements AutoCloseable {
  public static Backplane start(BackplaneConfig config) throws IOException {
    throw new UnsupportedOperationException();
  }

  public InetSocketAddress address() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {
    throw new UnsupportedOperationException();
  }
}
