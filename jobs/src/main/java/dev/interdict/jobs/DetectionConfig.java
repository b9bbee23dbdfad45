package dev.interdict.jobs;

import dev.interdict.cep.RuleSet;
import dev.interdict.jobs.source.Start;

/**
 * @param consumer the name that nodes keep positions for; two jobs must not share one
 * @param maxParallelism fixed for the life of the job's state
 * @param progress key of a {@link Local} listener for partial matches, or null
 */
public record DetectionConfig(
    BusAccess bus,
    RuleSet rules,
    Start start,
    String consumer,
    int maxParallelism,
    String progress) {
  public static final String DEFAULT_CONSUMER = "detection";
  public static final int DEFAULT_MAX_PARALLELISM = 128;

  public DetectionConfig(BusAccess bus, RuleSet rules, Start start) {
    this(bus, rules, start, DEFAULT_CONSUMER, DEFAULT_MAX_PARALLELISM, null);
  }

  public DetectionConfig withProgress(String value) {
    return new DetectionConfig(bus, rules, start, consumer, maxParallelism, value);
  }
}
