package dev.interdict.benchmarks;

import java.util.List;

/**
 * How a subject is measured.
 *
 * @param quick a short run that shows that it works; its figures mean nothing
 * @param pairs of runs with and without, where a subject compares in pairs; 0: its default
 * @param minutes of a subject that runs for a time; 0: its default
 * @param cases only these; empty: all
 */
record Settings(boolean quick, int pairs, int minutes, List<String> cases) {
  Settings {
    cases = List.copyOf(cases);
  }

  int pairs(int usual) {
    return pairs > 0 ? pairs : quick ? 1 : usual;
  }

  int minutes(int usual) {
    return minutes > 0 ? minutes : usual;
  }

  boolean wants(String subcase) {
    return cases.isEmpty() || cases.contains(subcase);
  }
}
