package dev.interdict.cep;

import java.time.Duration;
import java.util.List;

/**
 * Events measured over a span of time: a Sigma correlation of type event_count, value_count,
 * value_sum, value_avg, value_percentile or temporal.
 *
 * <p>What can only grow with more events ({@link #sliding()}) is judged at each event over the span
 * that ends with it, and begins anew after a finding. All else can be judged only when a span is
 * over: it begins with the first event of its key and ends {@link #within()} later by the node's
 * clock.
 *
 * @param index position in {@link RuleSet#counts()}
 * @param hit number by which others refer to it, beyond those of the rules
 * @param percentile of {@link Measure#PERCENTILE}
 * @param alerts false if it only serves others
 */
public record Count(
    int index,
    int hit,
    About about,
    Measure measure,
    double percentile,
    List<Part> parts,
    Threshold threshold,
    Duration within,
    boolean alerts)
    implements Described {

  /** Distinct values that are kept for one key. */
  public static final int MAX_VALUES = 10_000;

  public enum Measure {
    EVENTS,
    /** How many of the parts were hit. */
    RULES,
    /** Distinct values. */
    VALUES,
    SUM,
    AVERAGE,
    PERCENTILE,
    /** The share of a value in all values, in percent; found if that of any value holds. */
    SHARE
  }

  /**
   * A rule whose hits are measured.
   *
   * @param hit number of the rule or correlation
   * @param value what is counted by VALUES and SHARE, else null
   * @param number what SUM, AVERAGE and PERCENTILE are made of, else null
   */
  public record Part(
      int hit,
      String title,
      KeyExpression key,
      KeyExpression value,
      KindFields number,
      List<ShownField> evidence) {}

  public Count {
    parts = List.copyOf(parts);
  }

  public boolean sliding() {
    return threshold.rising()
        && (measure == Measure.EVENTS
            || measure == Measure.RULES
            || measure == Measure.VALUES
            || measure == Measure.SUM);
  }
}
