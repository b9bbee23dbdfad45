package dev.interdict.cep;

import dev.interdict.cep.index.Expression;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/**
 * One step of a sequence: an event that hits any of its rules, holds what the step asks besides,
 * and whose key equals the key of the steps before it.
 */
public final class Step {
  private final String name;
  private final int[] rules;
  private final KeyExpression key;
  private final boolean absent;
  private final boolean sameEvent;
  private final int times;
  private final Duration within;
  private final Expression when;
  private final List<ShownField> evidence;
  private final String alias;
  private final Comparison where;

  public Step(
      String name,
      int[] rules,
      KeyExpression key,
      boolean absent,
      boolean sameEvent,
      int times,
      Duration within,
      Expression when,
      List<ShownField> evidence,
      String alias,
      Comparison where) {
    this.name = name;
    this.rules = rules.clone();
    Arrays.sort(this.rules);
    this.key = key;
    this.absent = absent;
    this.sameEvent = sameEvent;
    this.times = times;
    this.within = within;
    this.when = when;
    this.evidence = List.copyOf(evidence);
    this.alias = alias;
    this.where = where;
  }

  public String name() {
    return name;
  }

  /** Sorted indexes of the rules of which any satisfies the step. */
  public int[] rules() {
    return rules.clone();
  }

  public KeyExpression key() {
    return key;
  }

  /**
   * No such event may occur between the step before and the step after; as the last step, none
   * within {@link #within()} after the step before.
   */
  public boolean absent() {
    return absent;
  }

  /**
   * The event that met the step before meets this one too if it hits its rules with the same key.
   * Otherwise, as always, a later event is needed.
   */
  public boolean sameEvent() {
    return sameEvent;
  }

  /** How many events the step takes, at least 1. */
  public int times() {
    return times;
  }

  /** Longest time since the event before, null where only the whole sequence is limited. */
  public Duration within() {
    return within;
  }

  /** What an event that hits a rule must be besides. */
  public Expression when() {
    return when;
  }

  /** What alerts show of the events of the step. */
  public List<ShownField> evidence() {
    return evidence;
  }

  /** What comparisons call its event, the last of several; empty if they do not. */
  public String alias() {
    return alias;
  }

  /** How the event compares with those of the steps before; null if it need not. */
  public Comparison where() {
    return where;
  }

  public boolean matches(Hits hits) {
    for (int rule : rules) {
      if (hits.contains(rule)) {
        return true;
      }
    }
    return false;
  }

  /** As {@link #matches(Hits)}, for hits kept as a sorted array. */
  public boolean matches(int[] sortedHits) {
    for (int i = 0, j = 0; i < rules.length && j < sortedHits.length; ) {
      if (rules[i] == sortedHits[j]) {
        return true;
      }
      if (rules[i] < sortedHits[j]) {
        i++;
      } else {
        j++;
      }
    }
    return false;
  }

  @Override
  public String toString() {
    return name + Arrays.toString(rules) + " by " + key;
  }
}
