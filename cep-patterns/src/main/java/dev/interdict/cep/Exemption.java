package dev.interdict.cep;

import dev.interdict.cep.index.Expression;
import dev.interdict.schema.EventView;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Set;

/**
 * An exception from rules: findings that somebody answers for, until a date. What it holds for is
 * still found, but marked as suppressed.
 *
 * @param rules ids and names; {@code any} for all; empty where only the tags decide
 * @param tags such as {@code attack.t1003}, which means the sub-techniques, too
 * @param expires the last day on which it holds, in UTC
 * @param when what each event of the finding must be
 */
public record Exemption(
    String id,
    String title,
    String owner,
    String reason,
    LocalDate expires,
    Set<String> rules,
    Set<String> tags,
    Expression when,
    Location location) {
  private static final long SECOND = 1_000_000_000L;

  public Exemption {
    rules = Set.copyOf(rules);
    tags = Set.copyOf(tags);
  }

  /** Whether it is about the rule, correlation or sequence at all. */
  public boolean names(Described finder) {
    return rules.contains("any")
        || rules.contains(finder.id())
        || (!finder.name().isEmpty() && rules.contains(finder.name()))
        || finder.about().tags().stream().anyMatch(this::isNamed);
  }

  private boolean isNamed(String tag) {
    return tags.stream().anyMatch(named -> tag.equals(named) || tag.startsWith(named + "."));
  }

  /** By the time of the finding, not of whoever looks, so that a replay sees the same. */
  public boolean expired(long nanos) {
    long end = expires.plusDays(1).atStartOfDay(ZoneOffset.UTC).toEpochSecond();
    return Math.floorDiv(nanos, SECOND) >= end;
  }

  /**
   * @param nanos of the event that completed the finding
   * @param events serialized Events of the finding
   */
  public boolean holds(Described finder, long nanos, List<byte[]> events) {
    if (!names(finder) || expired(nanos)) {
      return false;
    }
    EventView view = new EventView();
    return events.stream().allMatch(event -> when.matches(view.wrap(event, 0, event.length)));
  }
}
