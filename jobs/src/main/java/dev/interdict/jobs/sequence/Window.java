package dev.interdict.jobs.sequence;

import dev.interdict.cep.Count;
import dev.interdict.cep.Count.Measure;
import dev.interdict.jobs.source.NodeEvent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What is known of the events of one count for one key. Its memory is bounded whatever comes in.
 *
 * <p>Entries are pairs of a mark and a value, by measure: EVENTS and SUM the time and an amount;
 * VALUES and RULES the time it was last seen and the value's hash or the part; SHARE how often and
 * the hash; PERCENTILE nothing and the number. AVERAGE has no entries.
 */
final class Window {
  /** Above that many entries of EVENTS and SUM, those that lie close together become one. */
  static final int MAX_SPANS = 1024;

  static final int MAX_EVIDENCE = 10;
  static final int MAX_EVIDENCE_BYTES = 16 * 1024;

  private static final int FIXED_BYTES = 160;
  private static final int EVIDENCE_BYTES = 80;

  /** An event that an alert would show; {@code part} is the position in the count. */
  record Shown(NodeEvent event, int part, long value) {}

  final long start;
  long last;
  long counted;
  double total;
  int size;
  long[] marks;
  long[] values;
  final List<Shown> evidence;

  Window(long start) {
    this(start, start, 0, 0, new long[0], new long[0], new ArrayList<>());
  }

  /** Takes the arrays and the list. */
  Window(
      long start,
      long last,
      long counted,
      double total,
      long[] marks,
      long[] values,
      List<Shown> evidence) {
    this.start = start;
    this.last = last;
    this.counted = counted;
    this.total = total;
    this.size = marks.length;
    this.marks = marks;
    this.values = values;
    this.evidence = evidence;
  }

  Window copy() {
    return new Window(
        start,
        last,
        counted,
        total,
        Arrays.copyOf(marks, size),
        Arrays.copyOf(values, size),
        new ArrayList<>(evidence));
  }

  /** About what it takes on the heap. */
  long bytes() {
    long bytes = FIXED_BYTES + 16L * marks.length;
    for (Shown shown : evidence) {
      bytes += EVIDENCE_BYTES + shown.event().body().length;
    }
    return bytes;
  }

  /** Amounts at times, of which those in the span are summed up. */
  void addAmount(long time, long amount, long length) {
    expire(time, length);
    if (size > 0 && marks[size - 1] == time) {
      values[size - 1] += amount;
      return;
    }
    if (size == MAX_SPANS) {
      compact(Math.max(1, length / (MAX_SPANS / 2)));
    }
    append(time, amount);
  }

  /** What lies in one slot of time becomes one entry at the latest of its times. */
  private void compact(long slot) {
    int kept = 0;
    for (int i = 1; i < size; i++) {
      if (Math.floorDiv(marks[i], slot) == Math.floorDiv(marks[kept], slot)) {
        marks[kept] = marks[i];
        values[kept] += values[i];
      } else {
        kept++;
        marks[kept] = marks[i];
        values[kept] = values[i];
      }
    }
    size = kept + 1;
  }

  /**
   * Values with the time at which each was last seen, the oldest first.
   *
   * @param limit of them; the oldest makes room
   * @return whether it was not there
   */
  boolean see(long time, long value, long length, int limit) {
    expire(time, length);
    for (int i = size - 1; i >= 0; i--) {
      if (values[i] == value) {
        remove(i);
        append(time, value);
        return false;
      }
    }
    if (size >= limit) {
      remove(0);
    }
    append(time, value);
    return true;
  }

  /**
   * @return whether it was not there
   */
  boolean countValue(long value, int limit) {
    for (int i = 0; i < size; i++) {
      if (values[i] == value) {
        marks[i]++;
        return false;
      }
    }
    if (size >= limit) {
      counted -= marks[0];
      remove(0);
    }
    append(1, value);
    return true;
  }

  void addNumber(long number, int limit) {
    if (size >= limit) {
      remove(0);
    }
    append(0, number);
  }

  private void expire(long time, long length) {
    int over = 0;
    while (over < size && time - marks[over] >= length) {
      over++;
    }
    if (over > 0) {
      System.arraycopy(marks, over, marks, 0, size - over);
      System.arraycopy(values, over, values, 0, size - over);
      size -= over;
    }
  }

  private void remove(int index) {
    System.arraycopy(marks, index + 1, marks, index, size - index - 1);
    System.arraycopy(values, index + 1, values, index, size - index - 1);
    size--;
  }

  private void append(long mark, long value) {
    if (size == marks.length) {
      int grown = Math.max(4, size * 2);
      marks = Arrays.copyOf(marks, grown);
      values = Arrays.copyOf(values, grown);
    }
    marks[size] = mark;
    values[size++] = value;
  }

  /** Of what is not a SHARE. */
  double measure(Count count) {
    return switch (count.measure()) {
      case VALUES, RULES -> size;
      case AVERAGE -> counted == 0 ? 0 : total / counted;
      case PERCENTILE -> {
        long[] sorted = Arrays.copyOf(values, size);
        Arrays.sort(sorted);
        // Nearest rank.
        int rank = (int) Math.ceil(count.percentile() / 100 * size);
        yield sorted[Math.max(rank, 1) - 1];
      }
      default -> {
        double sum = 0;
        for (int i = 0; i < size; i++) {
          sum += values[i];
        }
        yield sum;
      }
    };
  }

  /** Of a SHARE: the values of which the threshold holds, sorted. */
  long[] shares(Count count) {
    long[] found = new long[size];
    int n = 0;
    for (int i = 0; i < size; i++) {
      if (count.threshold().holds(100.0 * marks[i] / counted)) {
        found[n++] = values[i];
      }
    }
    Arrays.sort(found, 0, n);
    return Arrays.copyOf(found, n);
  }

  /** The newest are kept; of RULES the newest of each part. */
  void show(NodeEvent event, int part, long value, Count count) {
    if (count.measure() == Measure.RULES) {
      evidence.removeIf(shown -> shown.part() == part);
    }
    long oldest = event.timeMillis() - count.within().toMillis();
    evidence.removeIf(shown -> shown.event().timeMillis() <= oldest);
    evidence.add(new Shown(event, part, value));
    int most = Math.max(MAX_EVIDENCE, count.measure() == Measure.RULES ? count.parts().size() : 0);
    long bytes = evidence.stream().mapToLong(shown -> shown.event().body().length).sum();
    while (evidence.size() > most || (evidence.size() > 1 && bytes > MAX_EVIDENCE_BYTES)) {
      bytes -= evidence.remove(0).event().body().length;
    }
  }
}
