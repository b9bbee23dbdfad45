package dev.interdict.response;

import dev.interdict.response.Policy.Approval;
import dev.interdict.response.Policy.Exempt;
import dev.interdict.response.Policy.Limits;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The keys of a policy that hold it back: limits, exempt, approval. */
final class PolicyRails {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration WEEK = Duration.ofDays(7);
  private static final Pattern BUDGET = Pattern.compile("([0-9]{1,4})/([0-9]{0,5})([smhd])");
  private static final Pattern PERSON = Pattern.compile("[A-Za-z0-9._@-]{1,64}");

  private PolicyRails() {}

  static boolean isPerson(String name) {
    return PERSON.matcher(name).matches();
  }

  static Limits limits(YamlMap map) {
    Limits otherwise = Limits.DEFAULT;
    if (map == null) {
      return otherwise;
    }
    Limits limits =
        new Limits(
            map.number(
                "containmentsPerNodePerMinute",
                otherwise.containmentsPerNodePerMinute(),
                1,
                Budget.MAX_COUNT),
            budget(map, "perWorkload", otherwise.perWorkload()),
            budget(map, "perNamespace", otherwise.perNamespace()),
            budget(map, "perCluster", otherwise.perCluster()),
            map.duration("maxAlertAge", otherwise.maxAlertAge(), SECOND, WEEK),
            map.duration("warmUp", otherwise.warmUp(), Duration.ZERO, WEEK),
            budget(map, "disarmRuleBeyondWorkloads", otherwise.disarm()),
            map.number("minimumHealthy", otherwise.minimumHealthy(), 0, Budget.MAX_COUNT),
            map.flag("respectDisruptionBudgets", otherwise.disruptionBudgets()));
    map.end();
    return limits;
  }

  /** What is not given stays exempt as it is by default. */
  static Exempt exempt(YamlMap map) {
    if (map == null) {
      return Exempt.DEFAULT;
    }
    List<Glob> namespaces = map.globs("namespaces");
    Exempt exempt =
        new Exempt(
            map.globs("containers"),
            namespaces.isEmpty() ? Exempt.DEFAULT.namespaces() : namespaces,
            map.globs("owners"),
            map.globs("binaries"));
    map.end();
    return exempt;
  }

  static Approval approval(YamlMap map) {
    if (map == null) {
      return null;
    }
    List<String> who = map.texts("who");
    for (String person : who) {
      if (!isPerson(person)) {
        throw map.problem(
            "invalid approval.who=" + person + " expected 1 to 64 of A-Z a-z 0-9 . _ @ -");
      }
    }
    Duration within = map.duration("within", Duration.ofMinutes(30), SECOND, WEEK);
    boolean act =
        switch (map.text("otherwise", "skip")) {
          case "skip" -> false;
          case "act" -> true;
          default -> throw map.invalid("otherwise", "skip or act");
        };
    map.end();
    return new Approval(who, within, act);
  }

  private static Budget budget(YamlMap map, String key, Budget otherwise) {
    String text = map.text(key, "");
    if (text.isEmpty()) {
      return otherwise;
    }
    Matcher matcher = BUDGET.matcher(text);
    if (!matcher.matches()) {
      throw map.invalid(key, "a number, / and a time, as in 3/10m");
    }
    int count = Integer.parseInt(matcher.group(1));
    long number = matcher.group(2).isEmpty() ? 1 : Long.parseLong(matcher.group(2));
    Duration within =
        switch (matcher.group(3)) {
          case "s" -> Duration.ofSeconds(number);
          case "m" -> Duration.ofMinutes(number);
          case "h" -> Duration.ofHours(number);
          default -> Duration.ofDays(number);
        };
    if (count < 1
        || count > Budget.MAX_COUNT
        || within.isZero()
        || within.compareTo(Budget.LONGEST) > 0) {
      throw map.invalid(key, "1 to " + Budget.MAX_COUNT + " within 1s to 1d");
    }
    return new Budget(count, within);
  }
}
