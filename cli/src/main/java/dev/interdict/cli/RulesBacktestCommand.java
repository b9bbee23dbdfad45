package dev.interdict.cli;

import dev.interdict.cep.Described;
import dev.interdict.cep.InvalidRulesException;
import dev.interdict.cep.RuleFile;
import dev.interdict.cep.RuleSet;
import dev.interdict.jobs.recorded.ArchivedEvents;
import dev.interdict.jobs.sequence.RecordedDetection;
import dev.interdict.schema.Alert;
import dev.interdict.storage.Query;
import dev.interdict.storage.QueryException;
import dev.interdict.storage.QueryLimits;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "backtest",
    description = {
      "Run a rule over the archive before it is switched on: how often it would have alerted,",
      "where, and on what. The events are judged as the live detection judges them."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "Examples:",
      "  interdict rules backtest my-rule.yml --since 7d",
      "  interdict rules backtest my-sequence.yml --with my-rules/ --since 24h --json",
      "  interdict rules backtest 5c1f0b2e-6f0c-4c6e-9d3b-7a54f7f2a9d1      (of the built-in content)",
      "",
      "Exit codes: 0 judged, with or without alerts, 1 the archive could not be read,",
      "2 bad arguments or rules."
    })
final class RulesBacktestCommand implements Callable<Integer> {
  private static final Pattern AGE = Pattern.compile("(\\d{1,6})([smhd])");
  private static final Duration TIMEOUT = Duration.ofHours(1);
  private static final int SHOWN = 10;

  @Parameters(
      index = "0",
      paramLabel = "RULE",
      description = "A rule file or a directory of them; or id or name of a built-in rule.")
  private String rule;

  @Option(
      names = "--with",
      paramLabel = "DIR",
      description = "Where the rules lie that RULE refers to.")
  private Path others;

  @Option(
      names = "--since",
      paramLabel = "TIME",
      defaultValue = "7d",
      description = "How far back, such as 30m, 24h, 7d (default), or a time in ISO 8601.")
  private String since;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      defaultValue = "${env:INTERDICT_DATA:-/var/lib/interdict/archive}",
      description = "Directory of the archive (default: $INTERDICT_DATA or ${DEFAULT-VALUE}).")
  private Path data;

  @Option(names = "--json", description = "One JSON object per alert.")
  private boolean json;

  @Spec private CommandSpec spec;

  private final List<Alert> shown = new ArrayList<>();
  private final Map<String, Integer> byDay = new TreeMap<>();
  private final Map<String, Integer> byEntity = new TreeMap<>();
  private final Map<String, Integer> byRule = new TreeMap<>();
  private Set<String> asked;
  private long alerts;

  @Override
  public Integer call() throws IOException {
    RuleSet set = load();
    Instant now = Instant.now();
    Instant from = from(now);
    PrintWriter err = spec.commandLine().getErr();
    try (Query query =
            Query.open(data, new QueryLimits(TIMEOUT, 1L << 30, QueryLimits.defaults().threads()));
        RecordedDetection detection = new RecordedDetection(set, true, this::found)) {
      query.warnings().forEach(warning -> err.println("interdict rules backtest: " + warning));
      ArchivedEvents archive = new ArchivedEvents(query);
      long events = query.isEmpty() ? 0 : archive.read(from, now, set.kinds(), detection::process);
      if (!json) {
        summarise(events, from);
      }
      if (archive.gaps() > 0) {
        err.printf("%d gaps: what was lost there was not judged%n", archive.gaps());
      }
      err.flush();
      spec.commandLine().getOut().flush();
      return ExitCode.OK;
    } catch (QueryException e) {
      int code = e.reason() == QueryException.Reason.QUESTION ? ExitCode.USAGE : ExitCode.FAILED;
      throw new CommandFailure(code, e.getMessage(), e);
    }
  }

  private RuleSet load() throws IOException {
    try {
      Path path = Path.of(rule);
      if (!Files.exists(path)) {
        return builtin();
      }
      List<RuleFile> files = new ArrayList<>(RuleSource.files(path));
      Set<String> names = new HashSet<>();
      files.forEach(file -> names.add(file.name()));
      if (others != null) {
        RuleSource.files(others).stream()
            .filter(file -> !names.contains(file.name()))
            .forEach(files::add);
      }
      RuleSet set = RuleSet.of(files);
      asked = new HashSet<>();
      all(set)
          .filter(each -> names.contains(each.location().file()))
          .forEach(each -> asked.add(each.id()));
      return set;
    } catch (InvalidRulesException e) {
      throw new CommandFailure(ExitCode.USAGE, "invalid rules\n" + e.getMessage(), e);
    }
  }

  private RuleSet builtin() {
    RuleSet set = RuleSet.builtin();
    asked = new HashSet<>();
    all(set)
        .filter(each -> each.id().equals(rule) || each.name().equals(rule))
        .forEach(each -> asked.add(each.id()));
    if (asked.isEmpty()) {
      throw new CommandFailure(
          ExitCode.USAGE, "no such file, and no built-in rule with this id or name: " + rule);
    }
    return set;
  }

  private static Stream<Described> all(RuleSet set) {
    return Stream.of(set.rules(), set.sequences(), set.counts())
        .flatMap(List::stream)
        .map(Described.class::cast);
  }

  private Instant from(Instant now) {
    Matcher age = AGE.matcher(since);
    if (age.matches()) {
      long number = Long.parseLong(age.group(1));
      return now.minus(
          switch (age.group(2)) {
            case "s" -> Duration.ofSeconds(number);
            case "m" -> Duration.ofMinutes(number);
            case "h" -> Duration.ofHours(number);
            default -> Duration.ofDays(number);
          });
    }
    try {
      return Instant.parse(since);
    } catch (java.time.format.DateTimeParseException e) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "invalid --since=" + since + ", expected such as 30m, 24h, 7d or 2026-11-21T10:00:00Z",
          e);
    }
  }

  private void found(Alert alert) {
    if (!asked.contains(alert.getRuleId())) {
      return;
    }
    alerts++;
    if (json) {
      spec.commandLine().getOut().println(AlertLine.json(alert));
      return;
    }
    if (shown.size() < SHOWN) {
      shown.add(alert);
    }
    byDay.merge(
        LocalDateTime.ofEpochSecond(alert.getTime() / 1_000_000_000L, 0, ZoneOffset.UTC)
            .toLocalDate()
            .toString(),
        1,
        Integer::sum);
    String container = alert.getEntity().getContainer().getName();
    byEntity.merge(
        alert.getEntity().getNode()
            + (container.isEmpty() ? "" : " container " + container)
            + " "
            + alert.getEntity().getExe(),
        1,
        Integer::sum);
    byRule.merge(alert.getRuleTitle(), 1, Integer::sum);
  }

  private void summarise(long events, Instant from) {
    PrintWriter out = spec.commandLine().getOut();
    out.printf("%d alerts in %d events since %s%n", alerts, events, from);
    table(out, "by rule", byRule);
    table(out, "by day", byDay);
    table(out, "where", byEntity);
    if (!shown.isEmpty()) {
      out.printf("%nthe first %d%n", shown.size());
      shown.forEach(alert -> out.println("  " + AlertLine.text(alert)));
    }
  }

  private static void table(PrintWriter out, String title, Map<String, Integer> counts) {
    if (counts.isEmpty()) {
      return;
    }
    out.printf("%n%s%n", title);
    counts.entrySet().stream()
        .sorted(Map.Entry.<String, Integer>comparingByValue(Comparator.reverseOrder()))
        .limit(SHOWN)
        .forEach(entry -> out.printf("  %6d  %s%n", entry.getValue(), entry.getKey()));
    if (counts.size() > SHOWN) {
      out.printf("          and %d others%n", counts.size() - SHOWN);
    }
  }
}
