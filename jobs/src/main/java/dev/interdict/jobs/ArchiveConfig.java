package dev.interdict.jobs;

import dev.interdict.jobs.source.Start;
import java.net.URI;

/**
 * @param table directory of the events table, in any file system that Flink knows
 * @param consumer the name that nodes keep positions for; two jobs must not share one
 * @param maxParallelism fixed for the life of the job's state
 */
public record ArchiveConfig(
    BusAccess bus, URI table, Start start, String consumer, int maxParallelism) {
  public static final String DEFAULT_CONSUMER = "archive";

  public ArchiveConfig(BusAccess bus, URI table, Start start) {
    this(bus, table, start, DEFAULT_CONSUMER, DetectionConfig.DEFAULT_MAX_PARALLELISM);
  }
}
