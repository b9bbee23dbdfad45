package dev.interdict.storage;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/**
 * The tables below a data directory: {@code events/date=…/hour=…/node=…/*.parquet} and {@code
 * alerts/date=…}.
 */
public record Catalog(Path data) {
  public static final String FILE_PREFIX = "events";
  public static final String FILE_SUFFIX = ".parquet";

  public Path events() {
    return data.resolve("events");
  }

  public Path alerts() {
    return data.resolve("alerts");
  }

  /** Finished files of a table in path order: never hidden ones, which are still being written. */
  public static List<Path> files(Path table) throws IOException {
    throw new UnsupportedOperationException();
  }

  /**
   * Deletes hidden files last written before that time. A file that a checkpoint still wants to
   * commit is hidden too: call it only when no job will restore from one, or with a time older than
   * any checkpoint that is kept.
   */
  public static List<Path> sweep(Path table, Instant before) throws IOException {
    throw new UnsupportedOperationException();
  }
}
