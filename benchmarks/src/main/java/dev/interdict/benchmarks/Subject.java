package dev.interdict.benchmarks;

import java.util.List;

/** One thing that is measured against a peer in the same run. */
interface Subject {
  /** As typed after {@code ./interdict bench}. */
  String name();

  /** One line: what is compared with what. */
  String about();

  /** What {@code --case} may name; empty if the subject cannot be measured in part. */
  default List<String> cases() {
    return List.of();
  }

  /** Measures and adds rows. Progress goes to standard error; a thrown exception fails the run. */
  void measure(Table table, Settings settings) throws Exception;
}
