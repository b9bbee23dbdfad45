package dev.interdict.cli;

import dev.interdict.storage.Query;
import dev.interdict.storage.QueryException;
import dev.interdict.storage.QueryLimits;
import dev.interdict.storage.ResultFormat;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code interdict query}: one question in SQL about what the archive holds. */
@Command(
    name = "query",
    description = "Asks the archive in SQL. Tables: events, alerts, gaps. It can only read.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "Columns are the fields of rules with an underscore for the dot (process_exe); times are UTC.",
      "\"DESCRIBE events\" lists them, docs/storage.md explains them.",
      "",
      "Examples:",
      "  interdict query \"SELECT kind, count(*) FROM events GROUP BY kind\"",
      "  interdict query \"SELECT time, process_exe, file_path FROM events WHERE kind = 'open'",
      "                   AND file_watched AND time > now() - INTERVAL 1 HOUR\"",
      "  interdict query --format csv \"SELECT * FROM alerts ORDER BY time\" > alerts.csv",
      "  interdict query --format jsonl \"SELECT * FROM events WHERE process_pid = 4711\" | jq .process_exe",
      "  interdict query - < question.sql",
      "",
      "Exit codes: 0 answered (also with no rows), 1 not answered (timeout, memory, damaged file),",
      "2 the question is wrong."
    })
public final class QueryCommand implements Callable<Integer> {
  private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h)");
  private static final Pattern SIZE =
      Pattern.compile("(\\d{1,6})(MB|GB)", Pattern.CASE_INSENSITIVE);
  private static final int MAX_SQL = 1 << 20;

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "SQL", description = "The question; - reads it from standard input.")
  private String sql;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      defaultValue = "${env:INTERDICT_DATA:-/var/lib/interdict/archive}",
      description = "Directory of the archive (default: $INTERDICT_DATA or ${DEFAULT-VALUE}).")
  private Path data;

  @Option(
      names = "--format",
      defaultValue = "table",
      description = "table, csv, json (one array) or jsonl (an object a line); default: table.")
  private ResultFormat format;

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      defaultValue = "30s",
      description = "Give up after this long, such as 500ms, 30s, 5m (default: 30s).")
  private String timeout;

  @Option(
      names = "--memory",
      paramLabel = "SIZE",
      defaultValue = "1GB",
      description = "Most memory for the answer, such as 512MB, 4GB (default: 1GB).")
  private String memory;

  @Override
  public Integer call() throws IOException {
    QueryLimits limits = limits();
    String question = sql.equals("-") ? standardInput() : sql;
    try (Query query = Query.open(data, limits)) {
      Thread interrupt = new Thread(query::cancel, "query-cancel");
      Runtime.getRuntime().addShutdownHook(interrupt);
      try {
        ask(query, question);
      } finally {
        removeHook(interrupt);
      }
      return ExitCode.OK;
    } catch (QueryException e) {
      int code = e.reason() == QueryException.Reason.QUESTION ? ExitCode.USAGE : ExitCode.FAILED;
      throw new CommandFailure(code, e.getMessage(), e);
    }
  }

  private void ask(Query query, String question) throws IOException, QueryException {
    PrintWriter err = spec.commandLine().getErr();
    for (String warning : query.warnings()) {
      err.println("interdict query: " + warning);
    }
    if (query.isEmpty()) {
      err.println("interdict query: no events yet in " + data);
    }
    // Not the command line's own writer, for that one hides a closed pipe.
    Writer out =
        new BufferedWriter(new OutputStreamWriter(System.out, StandardCharsets.UTF_8), 1 << 16);
    try {
      query.run(question, format.open(out, width()));
    } finally {
      out.flush();
    }
  }

  private static void removeHook(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The process is ending, which is what the hook was for.
      return;
    }
  }

  /** Zero, no limit, unless a person looks on. */
  private int width() {
    return System.console() == null ? 0 : spec.usageMessage().autoWidth(true).width();
  }

  private static String standardInput() throws IOException {
    byte[] read = System.in.readNBytes(MAX_SQL + 1);
    if (read.length > MAX_SQL) {
      throw new CommandFailure(ExitCode.USAGE, "the question is longer than limit=" + MAX_SQL);
    }
    return new String(read, StandardCharsets.UTF_8);
  }

  private QueryLimits limits() {
    try {
      return new QueryLimits(
          duration(timeout), bytes(memory), Runtime.getRuntime().availableProcessors());
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(ExitCode.USAGE, e.getMessage(), e);
    }
  }

  private static Duration duration(String text) {
    Matcher matcher = DURATION.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("invalid --timeout=" + text + ", such as 500ms, 30s, 5m");
    }
    long amount = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "ms" -> Duration.ofMillis(amount);
      case "s" -> Duration.ofSeconds(amount);
      case "m" -> Duration.ofMinutes(amount);
      default -> Duration.ofHours(amount);
    };
  }

  private static long bytes(String text) {
    Matcher matcher = SIZE.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("invalid --memory=" + text + ", such as 512MB, 4GB");
    }
    return Long.parseLong(matcher.group(1)) << (matcher.group(2).equalsIgnoreCase("GB") ? 30 : 20);
  }
}
