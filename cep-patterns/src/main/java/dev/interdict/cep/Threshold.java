package dev.interdict.cep;

import java.io.Serializable;

/**
 * What a measure is compared with.
 *
 * @param open whether the bound itself does not hold
 * @param not a value that does not hold either; NaN where there is none
 */
public record Threshold(double min, boolean minOpen, double max, boolean maxOpen, double not)
    implements Serializable {
  public static final Threshold ANY =
      new Threshold(Double.NEGATIVE_INFINITY, false, Double.POSITIVE_INFINITY, false, Double.NaN);

  public static Threshold atLeast(double value) {
    return ANY.and("gte", value);
  }

  /**
   * @param operator gt, gte, lt, lte, eq or neq
   */
  public Threshold and(String operator, double value) {
    return switch (operator) {
      case "gt" -> value >= min ? new Threshold(value, true, max, maxOpen, not) : this;
      case "gte" -> value > min ? new Threshold(value, false, max, maxOpen, not) : this;
      case "lt" -> value <= max ? new Threshold(min, minOpen, value, true, not) : this;
      case "lte" -> value < max ? new Threshold(min, minOpen, value, false, not) : this;
      case "eq" -> and("gte", value).and("lte", value);
      case "neq" -> new Threshold(min, minOpen, max, maxOpen, value);
      default -> throw new IllegalArgumentException("unknown operator " + operator);
    };
  }

  public boolean holds(double value) {
    return (minOpen ? value > min : value >= min)
        && (maxOpen ? value < max : value <= max)
        && value != not;
  }

  /** Whether no value holds. */
  public boolean empty() {
    return min > max || (min == max && (minOpen || maxOpen || min == not));
  }

  /** Whether a value that holds still does when it grows. */
  public boolean rising() {
    return max == Double.POSITIVE_INFINITY && Double.isNaN(not);
  }

  /** The least whole number from 1 on that holds; of what is rising. */
  public long least() {
    double least = Math.max(1, Math.ceil(min));
    return (long) (minOpen && least == min ? least + 1 : least);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    if (min == max && !minOpen && !maxOpen) {
      return "= " + number(min);
    }
    if (min != Double.NEGATIVE_INFINITY) {
      text.append(minOpen ? "> " : ">= ").append(number(min));
    }
    if (max != Double.POSITIVE_INFINITY) {
      text.append(text.length() == 0 ? "" : " and ");
      text.append(maxOpen ? "< " : "<= ").append(number(max));
    }
    if (!Double.isNaN(not)) {
      text.append(text.length() == 0 ? "" : " and ").append("!= ").append(number(not));
    }
    return text.toString();
  }

  private static String number(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e15
        ? Long.toString((long) value)
        : Double.toString(value);
  }
}
