package dev.interdict.benchmarks;

import java.time.Duration;
import java.util.List;

/**
 * How a subject is measured.
 *
 * @param quick a short run that shows that it works; its figures mean nothing
 * @param pairs of runs with and without, where a subject compares in pairs; 0: its default
 * @param minutes of a subject that runs for a time; 0: its default
 * @param rows of a subject that works on a number of them; 0: its default
 * @param cases only these; empty: all
 */
record Settings(boolean quick, int pairs, int minutes, long rows, List<String> cases) {
  Settings {
    cases = List.copyOf(cases);
  }

  int pairs(int usual) {
    return pairs > 0 ? pairs : quick ? 1 : usual;
  }

  int minutes(int usual) {
    return minutes > 0 ? minutes : usual;
  }

  /** Of a run that goes on for a time. */
  Duration length(Duration quickly, int usualMinutes) {
    return quick ? quickly : Duration.ofMinutes(minutes(usualMinutes));
  }

  /** What a run by chance is repeated by: -Dinterdict.faults.seed. */
  static long seed() {
    return Long.getLong("interdict.faults.seed", System.nanoTime());
  }

  long rows(long usual) {
    return rows > 0 ? rows : usual;
  }

  boolean wants(String subcase) {
    return cases.isEmpty() || cases.contains(subcase);
  }
}
