package dev.interdict.cep.index;

/** A number from {@code min} to {@code max}, both included. A missing number is in no range. */
public record Range(long min, long max) implements Test {
  public boolean contains(long value) {
    return value >= min && value <= max;
  }

  boolean single() {
    return min == max;
  }

  @Override
  public String toString() {
    if (single()) {
      return "= " + min;
    }
    if (min == Long.MIN_VALUE) {
      return "<= " + max;
    }
    return max == Long.MAX_VALUE ? ">= " + min : "from " + min + " to " + max;
  }
}
