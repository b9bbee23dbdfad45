package dev.interdict.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.locks.LockSupport;

/** Makes and removes files, two events each, at a steady rate until it is ended. */
final class BackgroundLoad {
  private static final long PAUSE_NANOS = 1_000_000;

  private BackgroundLoad() {}

  /** Directory, events per second. */
  public static void main(String[] arguments) throws IOException {
    Path directory = Path.of(arguments[0]);
    long rate = Long.parseLong(arguments[1]) / 2;
    long start = System.nanoTime();
    for (long made = 0; ; ) {
      long due = rate * (System.nanoTime() - start) / 1_000_000_000L;
      for (; made < due; made++) {
        Path file = directory.resolve("file-" + made % 100_000);
        Files.newByteChannel(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE).close();
        Files.delete(file);
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }
}
