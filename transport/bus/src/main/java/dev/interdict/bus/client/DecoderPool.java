package dev.interdict.bus.client;

import dev.interdict.record.FrameDecoder;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Decoders are large and needed only while a batch is read, so that all streams of a client share
 * them. Any thread.
 */
final class DecoderPool {
  private final ConcurrentLinkedQueue<FrameDecoder> idle = new ConcurrentLinkedQueue<>();
  private volatile boolean closed;

  FrameDecoder take() {
    FrameDecoder decoder = idle.poll();
    return decoder == null ? new FrameDecoder() : decoder;
  }

  void giveBack(FrameDecoder decoder) {
    idle.add(decoder);
    if (closed) {
      close();
    }
  }

  void close() {
    closed = true;
    for (FrameDecoder decoder = idle.poll(); decoder != null; decoder = idle.poll()) {
      decoder.close();
    }
  }
}
