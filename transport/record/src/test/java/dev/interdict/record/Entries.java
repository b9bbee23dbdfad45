package dev.interdict.record;

import java.nio.ByteBuffer;
import java.util.Random;

/** Made-up events: right in what a recorder looks at, noise behind it. */
final class Entries {
  private Entries() {}

  static byte[] entry(long time, int kind, int length, Random noise) {
    ByteBuffer buffer = ByteBuffer.allocate(Math.max(length, EventPrefix.LENGTH));
    EventPrefix.put(buffer, time, kind);
    while (buffer.hasRemaining()) {
      buffer.put((byte) ('a' + noise.nextInt(6)));
    }
    return buffer.array();
  }
}
