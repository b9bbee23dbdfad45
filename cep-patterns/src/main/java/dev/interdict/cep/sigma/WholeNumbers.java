package dev.interdict.cep.sigma;

import dev.interdict.cep.index.Range;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;

/** Numbers as rules write them, against fields that hold whole 64-bit numbers. */
final class WholeNumbers {
  private static final BigInteger MIN = BigInteger.valueOf(Long.MIN_VALUE);
  private static final BigInteger MAX = BigInteger.valueOf(Long.MAX_VALUE);

  private WholeNumbers() {}

  static Range range(String operator, Yaml yaml) {
    BigDecimal value;
    try {
      value = new BigDecimal(yaml.text().strip());
    } catch (NumberFormatException e) {
      throw yaml.problem("modifier " + operator + " needs a number, found " + yaml.text());
    }
    BigInteger floor = value.setScale(0, RoundingMode.FLOOR).toBigInteger();
    BigInteger ceiling = value.setScale(0, RoundingMode.CEILING).toBigInteger();
    return switch (operator) {
      case "lt" -> between(MIN, ceiling.subtract(BigInteger.ONE));
      case "lte" -> between(MIN, floor);
      case "gt" -> between(floor.add(BigInteger.ONE), MAX);
      default -> between(ceiling, MAX);
    };
  }

  private static Range between(BigInteger min, BigInteger max) {
    if (min.compareTo(MAX) > 0 || max.compareTo(MIN) < 0) {
      return new Range(1, 0);
    }
    return new Range(min.max(MIN).longValueExact(), max.min(MAX).longValueExact());
  }

  /** Null where the text is not a whole number. */
  static Long of(String text) {
    try {
      return Long.valueOf(text);
    } catch (NumberFormatException e) {
      return null;
    }
  }
}
