package dev.interdict.benchmarks.backplane;

import java.io.IOException;

/** Where a consumer gets events from. */
interface Source {
  interface Receiver {
    /** False: no more are wanted. */
    boolean accept(long sentNanos);
  }

  /** Prints {@code ready} when nothing more that is sent will be missed. */
  void read(Receiver receiver) throws IOException, InterruptedException;
}
