package dev.interdict.bus.client;

import java.io.Closeable;

/** Something that goes on until it is closed; closing cannot fail. */
@FunctionalInterface
public interface Registration extends Closeable {
  @Override
  void close();
}
