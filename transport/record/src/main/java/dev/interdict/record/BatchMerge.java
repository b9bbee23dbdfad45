package dev.interdict.record;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** The events of all frames of a batch in the order of their sequence. One thread, reused. */
public final class BatchMerge implements AutoCloseable {
  private final List<FrameDecoder> decoders = new ArrayList<>();
  private boolean[] present = {};
  private int count;
  private int current;

  /** Valid until the reader goes on. */
  public void wrap(RecorderReader reader) {
    begin(reader.frames());
    for (int i = 0; i < count; i++) {
      add(i, reader.frame(i));
    }
  }

  public void wrap(List<ByteBuffer> frames) {
    begin(frames.size());
    for (int i = 0; i < count; i++) {
      add(i, frames.get(i));
    }
  }

  /** Every method that reads may throw InvalidFrameException. */
  public boolean next() {
    if (current >= 0) {
      present[current] = decoders.get(current).next();
    }
    current = -1;
    long lowest = Long.MAX_VALUE;
    for (int i = 0; i < count; i++) {
      if (present[i] && decoders.get(i).sequence() < lowest) {
        lowest = decoders.get(i).sequence();
        current = i;
      }
    }
    return current >= 0;
  }

  /** Standing at the event. */
  public FrameDecoder event() {
    return decoders.get(current);
  }

  @Override
  public void close() {
    decoders.forEach(FrameDecoder::close);
  }

  private void begin(int frames) {
    while (decoders.size() < frames) {
      decoders.add(new FrameDecoder());
    }
    if (present.length < frames) {
      present = new boolean[frames];
    }
    count = frames;
    current = -1;
  }

  private void add(int index, ByteBuffer frame) {
    present[index] = decoders.get(index).wrap(frame).next();
  }
}
