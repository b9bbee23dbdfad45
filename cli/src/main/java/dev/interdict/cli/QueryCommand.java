package dev.interdict.cli;

import dev.interdict.bus.client.BusClient;
import dev.interdict.cli.RecentHistory.Reach;
import dev.interdict.storage.Catalog;
import dev.interdict.storage.Query;
import dev.interdict.storage.QueryException;
import dev.interdict.storage.QueryLimits;
import dev.interdict.storage.QueryParameters;
import dev.interdict.storage.RecentEvents;
import dev.interdict.storage.ResultFormat;
import dev.interdict.storage.SavedQueries;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code interdict query}: one question in SQL about what the archive holds. */
@Command(
    name = "query",
    description = {
      "Asks the archive in SQL. It can only read. Tables: events, alerts, processes, connections,",
      "incidents, gaps, nodes, activity; SHOW TABLES lists them all.",
      "Functions: process_tree(id), timeline(container, from, to), connections_of(id), story(alert),",
      "first_seen(image), who_wrote(path)."
    },
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
      "  interdict query -o alerts.parquet \"SELECT * FROM alerts\"",
      "  interdict query --format jsonl \"SELECT * FROM events WHERE process_pid = 4711\" | jq .process_exe",
      "  interdict query --backplane backplane:7400 \"SELECT * FROM events WHERE time > now() - INTERVAL 1 MINUTE\"",
      "                                                   with what the nodes have and the archive not yet",
      "  interdict query - < question.sql",
      "  interdict query                                  a shell, where a person sits at a terminal",
      "  interdict query --saved                          the questions that ship",
      "  interdict query --saved who-wrote -p path=/tmp/x",
      "  interdict query -p exe=/bin/sh \"SELECT * FROM events WHERE process_exe = \\$exe\"",
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

  @Parameters(
      paramLabel = "SQL",
      arity = "0..1",
      description = "The question; - reads it from standard input.")
  private String sql;

  @Option(
      names = "--saved",
      paramLabel = "NAME",
      arity = "0..1",
      fallbackValue = "",
      description = "A question that ships or is saved; without NAME: lists them.")
  private String saved;

  @Option(
      names = "--saved-dir",
      paramLabel = "DIR",
      defaultValue = "${env:INTERDICT_QUERIES}",
      description = "Directory of saved questions, NAME.sql (default: $INTERDICT_QUERIES).")
  private Path savedDirectory;

  @Option(
      names = {"-p", "--parameter"},
      paramLabel = "NAME=VALUE",
      description = "The value of $NAME in the question.")
  private Map<String, String> parameters = new LinkedHashMap<>();

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
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = {
        "Write the answer to FILE, which must not exist; with a name that ends in .parquet as Parquet."
      })
  private Path output;

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

  @Mixin private FleetOptions fleet;

  @Option(
      names = "--recent-limit",
      paramLabel = "N",
      defaultValue = "1000000",
      description = {
        "Fetch at most so many events from the nodes that the archive has not committed yet",
        "(default: ${DEFAULT-VALUE})."
      })
  private long recentLimit;

  @Override
  public Integer call() throws IOException, InterruptedException {
    QueryLimits limits = limits();
    if (recentLimit < 1) {
      throw new CommandFailure(ExitCode.USAGE, "invalid --recent-limit=" + recentLimit);
    }
    if (sql == null && saved == null && output == null && System.console() != null) {
      return shell(limits);
    }
    if ((sql == null) == (saved == null)) {
      throw new CommandFailure(
          ExitCode.USAGE, "give either a question in SQL or --saved NAME, see --help");
    }
    if ("".equals(saved)) {
      list();
      return ExitCode.OK;
    }
    return answer(limits);
  }

  private void list() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    new SavedQueries(savedDirectory)
        .titles()
        .forEach((name, title) -> out.printf("%-20s %s%n", name, title));
  }

  private String question() throws IOException, QueryException {
    String text =
        saved != null
            ? new SavedQueries(savedDirectory).text(saved)
            : sql.equals("-") ? standardInput() : sql;
    return QueryParameters.bind(text, parameters);
  }

  /** What the nodes have beyond the archive, or null where they are not asked. */
  private RecentEvents recent() throws IOException, InterruptedException {
    if (!fleet.given()) {
      return null;
    }
    if (!Files.isDirectory(data)) {
      throw new CommandFailure(ExitCode.USAGE, "no data directory: " + data);
    }
    RecentEvents recent = RecentEvents.create();
    try (BusClient client = fleet.connect("query")) {
      List<Reach> reached =
          new RecentHistory(client, recent, recentLimit).fetch(new Catalog(data.toRealPath()));
      PrintWriter err = spec.commandLine().getErr();
      if (reached.isEmpty()) {
        err.println("interdict query: no node is connected");
      }
      for (Reach reach : reached) {
        err.println("interdict query: " + reach);
      }
      return recent;
    } catch (IOException | InterruptedException | RuntimeException e) {
      recent.close();
      throw e;
    }
  }

  private int shell(QueryLimits limits) throws IOException, InterruptedException {
    try (RecentEvents recent = recent();
        Query query = Query.open(data, limits, null, recent);
        Terminal terminal = TerminalBuilder.builder().system(true).build()) {
      if (query.isEmpty()) {
        terminal.writer().println("no events yet in " + data);
      }
      query.warnings().forEach(terminal.writer()::println);
      new QueryShell(query, terminal, savedDirectory, QueryShell.historyFile()).run();
      return ExitCode.OK;
    } catch (QueryException e) {
      throw new CommandFailure(ExitCode.USAGE, e.getMessage(), e);
    }
  }

  private int answer(QueryLimits limits) throws IOException, InterruptedException {
    if (output != null) {
      output = output.toAbsolutePath().normalize();
      if (Files.exists(output)) {
        throw new CommandFailure(ExitCode.USAGE, "--output " + output + " is there already");
      }
    }
    try (RecentEvents recent = recent();
        Query query = Query.open(data, limits, output, recent)) {
      String question = question();
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
    if (output != null) {
      write(query, question);
      return;
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

  /** A part of an answer is none: what was begun is deleted where it fails. */
  private void write(Query query, String question) throws IOException, QueryException {
    boolean whole = false;
    try {
      if (output.toString().endsWith(".parquet")) {
        query.writeParquet(question);
      } else {
        try (Writer out =
            Files.newBufferedWriter(
                output, StandardCharsets.UTF_8, StandardOpenOption.CREATE_NEW)) {
          query.run(question, format.open(out, 0));
        }
      }
      whole = true;
    } finally {
      if (!whole) {
        Files.deleteIfExists(output);
      }
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
