package dev.interdict.cep.sigma;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Spans of time as Sigma writes them: {@code 30s}, {@code 5m}, {@code 1h}, {@code 7d}; also ms. */
public final class Durations {
  private static final Pattern SPAN = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)");

  private Durations() {}

  public static Duration parse(Yaml yaml) {
    Matcher matcher = SPAN.matcher(yaml.text().strip());
    if (!matcher.matches()) {
      throw yaml.problem("invalid time span " + yaml.text() + ": expected such as 30s, 5m, 1h, 7d");
    }
    long number = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "ms" -> Duration.ofMillis(number);
      case "s" -> Duration.ofSeconds(number);
      case "m" -> Duration.ofMinutes(number);
      case "h" -> Duration.ofHours(number);
      default -> Duration.ofDays(number);
    };
  }
}
