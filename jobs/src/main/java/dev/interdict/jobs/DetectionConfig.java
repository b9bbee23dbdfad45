package dev.interdict.jobs;

import dev.interdict.cep.RuleSet;
import dev.interdict.jobs.rules.RuleBundle;
import dev.interdict.jobs.rules.RuleFeed;
import dev.interdict.jobs.rules.RuleOrigin;
import dev.interdict.jobs.source.Start;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;

/**
 * @param rules in effect at first
 * @param consumer the name that nodes keep positions for; two jobs must not share one
 * @param maxParallelism fixed for the life of the job's state
 * @param progress key of a {@link Local} listener for partial matches, or null
 * @param origin looked at for changes of the rules, if it has a directory; null if they never
 *     change
 * @param reload time between two looks
 * @param rulesListener key of a {@link Local} listener for the rules' status, or null
 * @param alertTable directory of the alerts table, in any file system that Flink knows; null to
 *     keep none
 */
public record DetectionConfig(
    BusAccess bus,
    RuleSet rules,
    Start start,
    String consumer,
    int maxParallelism,
    String progress,
    RuleOrigin origin,
    Duration reload,
    String rulesListener,
    URI alertTable) {
  public static final String DEFAULT_CONSUMER = "detection";
  public static final int DEFAULT_MAX_PARALLELISM = 128;

  public DetectionConfig(BusAccess bus, RuleSet rules, Start start) {
    this(
        bus,
        rules,
        start,
        DEFAULT_CONSUMER,
        DEFAULT_MAX_PARALLELISM,
        null,
        null,
        RuleFeed.DEFAULT_INTERVAL,
        null,
        null);
  }

  public DetectionConfig withProgress(String value) {
    return new DetectionConfig(
        bus,
        rules,
        start,
        consumer,
        maxParallelism,
        value,
        origin,
        reload,
        rulesListener,
        alertTable);
  }

  /** Takes changes from a directory, and tells a {@link Local} listener, unless it is null. */
  public DetectionConfig reloading(Path directory, Duration interval, String listener) {
    return new DetectionConfig(
        bus,
        rules,
        start,
        consumer,
        maxParallelism,
        progress,
        new RuleOrigin(false, directory.toString()),
        interval,
        listener,
        alertTable);
  }

  /** Keeps alerts in that table too, each version exactly once. */
  public DetectionConfig archivingAlerts(URI table) {
    return new DetectionConfig(
        bus,
        rules,
        start,
        consumer,
        maxParallelism,
        progress,
        origin,
        reload,
        rulesListener,
        table);
  }

  RuleFeed feed() {
    try {
      return new RuleFeed(RuleBundle.of(rules), origin, reload, rulesListener);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
