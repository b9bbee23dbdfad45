package dev.interdict.bus.client;

import io.netty.buffer.ByteBuf;
import java.util.List;

/**
 * A batch as it came, or a progress if it has no frames. Owns the messages.
 *
 * @param bytes of the frames, as counted for credit
 */
record Incoming(
    List<ByteBuf> messages,
    long epoch,
    long firstSequence,
    long lastSequence,
    long time,
    long bytes) {

  boolean isProgress() {
    return messages.isEmpty();
  }

  void release() {
    messages.forEach(ByteBuf::release);
  }
}
