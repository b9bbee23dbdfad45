package dev.interdict.record;

import java.util.Arrays;

/** Where in a segment to begin to look, to about 64 KiB, and sums over its frames. */
final class SegmentIndex {
  private static final int STRIDE = 64 << 10;

  private long[] sequences = new long[16];
  private long[] offsets = new long[16];
  private long[] timesBefore = new long[16];
  private int entries;
  private long lastSequence;
  private long firstTime = Long.MAX_VALUE;
  private long lastTime = Long.MIN_VALUE;
  private long events;
  private long frames;
  private long kinds;

  synchronized void add(FrameHeader frame, long offset) {
    if (entries == 0 || offset - offsets[entries - 1] >= STRIDE) {
      if (entries == offsets.length) {
        sequences = Arrays.copyOf(sequences, 2 * entries);
        offsets = Arrays.copyOf(offsets, 2 * entries);
        timesBefore = Arrays.copyOf(timesBefore, 2 * entries);
      }
      sequences[entries] = frame.firstSequence();
      offsets[entries] = offset;
      timesBefore[entries] = lastTime;
      entries++;
    }
    lastSequence = frame.lastSequence();
    firstTime = Math.min(firstTime, frame.firstTime());
    lastTime = Math.max(lastTime, frame.lastTime());
    events += frame.count();
    frames++;
    kinds |= frame.kinds();
  }

  /** No frame that covers this sequence or a later one begins before the offset. */
  synchronized long offsetOf(long sequence) {
    int found = Arrays.binarySearch(sequences, 0, entries, sequence);
    int entry = found >= 0 ? found : -found - 2;
    return entry < 0 ? Segment.HEADER_LENGTH : offsets[entry]; // or damage in front is missed
  }

  /** No frame with an event at this time or later begins before this sequence. */
  synchronized long sequenceAt(long time) {
    int entry = entries - 1;
    while (entry > 0 && timesBefore[entry] >= time) {
      entry--;
    }
    return entry < 0 ? 1 : sequences[entry];
  }

  /** The end of what its frames cover; 0 without frames. */
  synchronized long lastSequence() {
    return lastSequence;
  }

  synchronized long firstTime() {
    return firstTime;
  }

  synchronized long lastTime() {
    return lastTime;
  }

  synchronized long events() {
    return events;
  }

  synchronized long frames() {
    return frames;
  }

  synchronized long kinds() {
    return kinds;
  }
}
