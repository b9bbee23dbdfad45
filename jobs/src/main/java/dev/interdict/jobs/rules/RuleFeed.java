package dev.interdict.jobs.rules;

import java.io.Serializable;
import java.time.Duration;

/**
 * Where a job's rules come from.
 *
 * @param initial in effect until something else is known
 * @param origin whose directory, if it has one, is looked at by the coordinator for changes; null:
 *     they never change
 * @param interval between two looks
 * @param listener key of a {@code Local} {@link RuleStatus.Listener}, or null
 */
public record RuleFeed(RuleBundle initial, RuleOrigin origin, Duration interval, String listener)
    implements Serializable {
  public static final Duration DEFAULT_INTERVAL = Duration.ofSeconds(2);

  boolean canChange() {
    return origin != null && origin.directory() != null;
  }

  /** Rules that never change. */
  public static RuleFeed fixed(RuleBundle rules) {
    return new RuleFeed(rules, null, DEFAULT_INTERVAL, null);
  }
}
