package dev.interdict.record;

import dev.interdict.schema.Gap;
import dev.interdict.schema.Lane;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;

/**
 * Turns holes into frames that hold one Gap event. Each takes a number that was lost: one of the
 * hole that no event in the same batch has, so that a position still means one event.
 */
final class GapPlacer implements AutoCloseable {
  static final long NONE = -1;

  private final NodeId node;
  private final List<Hole> pending = new ArrayList<>();
  private final FrameDecoder decoder = new FrameDecoder();
  private final FrameEncoder encoder = new FrameEncoder();

  GapPlacer(NodeId node) {
    this.node = node;
  }

  List<Hole> pending() {
    return pending;
  }

  boolean isPending() {
    return !pending.isEmpty();
  }

  /** A reader comes from an epoch of which nothing is left, not even how long it was. */
  void forgottenEpoch(long sequence) {
    pending.add(
        new Hole(Gap.Reason.RETENTION, Lane.PROCESS_VALUE, sequence, sequence, 0, false, 0, 0));
  }

  /** Where a batch of gaps alone ends, if one has to come before the next batch of frames. */
  long endBefore(long batchFirst, long position) {
    long end = NONE;
    for (Hole hole : pending) {
      if (Math.max(hole.firstSequence(), position) < batchFirst) {
        long last = Math.min(hole.lastSequence(), batchFirst - 1);
        end = end == NONE ? last : Math.min(end, last);
      }
    }
    return end == NONE ? NONE : Math.max(end, position);
  }

  /** Tells the holes within the range where it has a free number for them. */
  void place(long epoch, long first, long last, List<ByteBuffer> frames) {
    Set<Long> taken = sequences(frames);
    for (Iterator<Hole> holes = pending.iterator(); holes.hasNext(); ) {
      Hole hole = holes.next();
      long end = Math.min(last, hole.lastSequence());
      long sequence = Math.max(first, hole.firstSequence());
      while (sequence <= end && taken.contains(sequence)) {
        sequence++;
      }
      if (sequence <= end) {
        taken.add(sequence);
        frames.add(frame(epoch, hole, sequence, first, last));
        holes.remove();
      } else if (hole.lastSequence() <= last) {
        holes.remove(); // every number in it has an event of another lane: nothing was lost
      }
    }
  }

  @Override
  public void close() {
    decoder.close();
    encoder.close();
  }

  private Set<Long> sequences(List<ByteBuffer> frames) {
    Set<Long> sequences = new HashSet<>();
    for (ByteBuffer frame : frames) {
      decoder.wrap(frame);
      while (decoder.next()) {
        sequences.add(decoder.sequence());
      }
    }
    return sequences;
  }

  private ByteBuffer frame(long epoch, Hole hole, long sequence, long first, long last) {
    byte[] event = hole.event();
    encoder.begin(node, epoch, hole.lane(), first);
    encoder.add(sequence, event, 0, event.length);
    ByteBuffer frame = encoder.finish(last, FrameHeader.FLAG_SYNTHETIC | 1 << hole.lane());
    return ByteBuffer.allocate(frame.remaining()).put(frame).flip();
  }
}
