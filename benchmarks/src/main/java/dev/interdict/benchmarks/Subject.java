package dev.interdict.benchmarks;

/** One thing that is measured against a peer in the same run. */
interface Subject {
  /** As typed after {@code ./interdict bench}. */
  String name();

  /** One line: what is compared with what. */
  String about();

  /**
   * Measures and adds rows. Progress goes to standard error; a thrown exception fails the run.
   *
   * @param quick a short run that shows that it works; its figures mean nothing
   */
  void measure(Table table, boolean quick) throws Exception;
}
