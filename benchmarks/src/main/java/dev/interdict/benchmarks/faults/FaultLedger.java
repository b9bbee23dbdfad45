package dev.interdict.benchmarks.faults;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Compares what the recorder has acknowledged with what the consumer has. */
final class FaultLedger {
  private static final long EVENTS_PER_RUN = 1_000_000_000L;

  private final Map<Long, BitSet> delivered = new HashMap<>();
  private final Map<String, Long> gapsByReason = new HashMap<>();
  private final List<Hole> holes = new ArrayList<>();
  private long duplicates;
  private long outOfOrder;
  private long acknowledged;
  private long inGaps;
  private final List<String> missing = new ArrayList<>();
  private long missingCount;

  private record Hole(long epoch, long first, long last) {}

  /** Numbers are unique over all runs of the node. */
  static long firstOf(long run) {
    return run * EVENTS_PER_RUN;
  }

  private FaultLedger() {}

  static FaultLedger compare(Path acknowledged, Path delivered) throws IOException {
    FaultLedger ledger = new FaultLedger();
    ledger.readDelivered(whole(delivered));
    ledger.readAcknowledged(whole(acknowledged));
    return ledger;
  }

  /** Lines that are finished; the writer may have been killed within one. */
  private static List<String> whole(Path file) throws IOException {
    if (!Files.exists(file)) {
      return List.of();
    }
    String text = Files.readString(file, StandardCharsets.UTF_8);
    return text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
  }

  private void readDelivered(List<String> lines) {
    long epoch = 0;
    long sequence = 0;
    for (String line : lines) {
      String[] fields = line.split(" ");
      long lineEpoch = Long.parseLong(fields[1]);
      long lineSequence = Long.parseLong(fields[2]);
      if (lineEpoch < epoch || (lineEpoch == epoch && lineSequence <= sequence)) {
        outOfOrder++;
      }
      epoch = lineEpoch;
      sequence = lineSequence;
      if (fields[0].equals("g")) {
        gapsByReason.merge(fields[3], 1L, Long::sum);
        holes.add(new Hole(lineEpoch, Long.parseLong(fields[5]), Long.parseLong(fields[6])));
      } else {
        long number = Long.parseLong(fields[3]);
        BitSet run = delivered.computeIfAbsent(number / EVENTS_PER_RUN, key -> new BitSet());
        int bit = (int) (number % EVENTS_PER_RUN);
        duplicates += run.get(bit) ? 1 : 0;
        run.set(bit);
      }
    }
  }

  private void readAcknowledged(List<String> lines) {
    for (String line : lines) {
      String[] fields = line.split(" ");
      long epoch = Long.parseLong(fields[0]);
      long first = Long.parseLong(fields[1]);
      int count = Integer.parseInt(fields[2]);
      long number = Long.parseLong(fields[3]);
      BitSet run = delivered.getOrDefault(number / EVENTS_PER_RUN, new BitSet());
      for (int i = 0; i < count; i++) {
        acknowledged++;
        if (!run.get((int) ((number + i) % EVENTS_PER_RUN))) {
          if (isInHole(epoch, first + i)) {
            inGaps++;
          } else {
            missingCount++;
            if (missing.size() < 5) {
              missing.add(epoch + "/" + (first + i));
            }
          }
        }
      }
    }
  }

  /**
   * A kill costs nothing that was acknowledged, so what says no range (unclean stop) covers none.
   */
  private boolean isInHole(long epoch, long sequence) {
    for (Hole hole : holes) {
      if (hole.epoch == epoch && hole.first <= sequence && sequence <= hole.last) {
        return true;
      }
    }
    return false;
  }

  boolean isComplete() {
    return missingCount == 0;
  }

  /** Events that came twice, and events or gaps that came out of their order. */
  long repeated() {
    return duplicates + outOfOrder;
  }

  long acknowledged() {
    return acknowledged;
  }

  long delivered() {
    return delivered.values().stream().mapToLong(BitSet::cardinality).sum();
  }

  long inGaps() {
    return inGaps;
  }

  long missing() {
    return missingCount;
  }

  Map<String, Long> gaps() {
    return gapsByReason;
  }

  @Override
  public String toString() {
    return String.format(
        "acknowledged=%d delivered=%d inGaps=%d missing=%d %s duplicates=%d outOfOrder=%d gaps=%s",
        acknowledged,
        delivered(),
        inGaps,
        missingCount,
        missing,
        duplicates,
        outOfOrder,
        gapsByReason);
  }
}
