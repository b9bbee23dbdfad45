package dev.interdict.jobs;

import dev.interdict.jobs.rules.RuleFeed;
import dev.interdict.jobs.source.Start;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Arguments of a job that {@code flink run} starts: {@code --name value}. */
final class JobArguments {
  private static final Set<String> COMMON =
      Set.of("backplanes", "identity", "start", "consumer", "max-parallelism");

  private final Map<String, String> values;

  private JobArguments(Map<String, String> values) {
    this.values = values;
  }

  static JobArguments parse(String[] args, String... more) {
    Set<String> known = new TreeSet<>(COMMON);
    known.addAll(List.of(more));
    Map<String, String> values = new HashMap<>();
    for (int i = 0; i < args.length; i += 2) {
      String name = args[i].startsWith("--") ? args[i].substring(2) : args[i];
      if (!known.contains(name)) {
        throw new IllegalArgumentException("unknown argument " + args[i] + ", known: " + known);
      }
      if (i + 1 == args.length) {
        throw new IllegalArgumentException("no value for --" + name);
      }
      if (values.put(name, args[i + 1]) != null) {
        throw new IllegalArgumentException("--" + name + " is given twice");
      }
    }
    return new JobArguments(values);
  }

  String get(String name, String absent) {
    return values.getOrDefault(name, absent);
  }

  String required(String name) {
    String value = values.get(name);
    if (value == null) {
      throw new IllegalArgumentException("--" + name + " is missing");
    }
    return value;
  }

  BusAccess bus() {
    return BusAccess.files(
        List.of(required("backplanes").split(",", -1)), Path.of(required("identity")));
  }

  Start start() {
    return Start.valueOf(get("start", "earliest").toUpperCase(Locale.ROOT));
  }

  /** How often the rules' directory is looked at. */
  Duration reload() {
    String seconds = get("reload", Long.toString(RuleFeed.DEFAULT_INTERVAL.toSeconds()));
    long value;
    try {
      value = Long.parseLong(seconds);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("invalid --reload=" + seconds + " expected=seconds", e);
    }
    if (value < 1) {
      throw new IllegalArgumentException("invalid --reload=" + seconds + " minimum=1");
    }
    return Duration.ofSeconds(value);
  }

  int maxParallelism() {
    return Integer.parseInt(
        get("max-parallelism", Integer.toString(DetectionConfig.DEFAULT_MAX_PARALLELISM)));
  }
}
