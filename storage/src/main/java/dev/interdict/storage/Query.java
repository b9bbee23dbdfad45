package dev.interdict.storage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Array;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the archive in SQL. It cannot write: the database is in memory, only one SELECT is accepted,
 * and the engine can open nothing but the tables' own directories; its settings are locked. One
 * thread asks, any thread may {@link #cancel}.
 */
public final class Query implements AutoCloseable {
  /**
   * EXPLAIN has no form that the checker reads, so it is taken off and what it explains is checked.
   */
  private static final Pattern EXPLAIN =
      Pattern.compile("^\\s*explain(\\s+analyze)?\\s+(?=\\S)", Pattern.CASE_INSENSITIVE);

  /** The statements that only read; a WITH may hide an INSERT as INSERT_QUERY_NODE. */
  private static final Set<String> READING =
      Set.of("SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE");

  private static final String CHECK =
      "SELECT j->>'error_message', json_array_length(j, '$.statements'),"
          + " list_filter(list_distinct(json_extract_string(j, '$..type')), lambda t: suffix(t, '_NODE'))"
          + " FROM (SELECT json_serialize_sql(?::VARCHAR) AS j)";

  /** Compaction may replace a file between listing and reading it. */
  private static final int ATTEMPTS = 3;

  private static final long TICK_MS = 20;
  private static final Logger LOG = LoggerFactory.getLogger(Query.class);
  private static final Pattern NUMERIC =
      Pattern.compile("U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL.*");

  private final Catalog catalog;
  private final QueryLimits limits;
  private final Connection connection;
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "query-timeout");
            thread.setDaemon(true);
            return thread;
          });

  private final Views views;
  private final Path output;
  private final Catalog recent;
  private Tables tables;
  private volatile Statement running;
  private volatile QueryException.Reason stopped;

  private Query(
      Catalog catalog,
      QueryLimits limits,
      Connection connection,
      Views views,
      Path output,
      Catalog recent) {
    this.recent = recent;
    this.views = views;
    this.output = output;
    this.catalog = catalog;
    this.limits = limits;
    this.connection = connection;
  }

  public static Query open(Path data, QueryLimits limits) throws QueryException, IOException {
    return open(data, limits, null, null);
  }

  /**
   * @param output the one file that {@link #writeParquet} may write; null: none
   * @param recent finished, and joined to the archive; null: none. It is left to the caller
   */
  public static Query open(Path data, QueryLimits limits, Path output, RecentEvents recent)
      throws QueryException, IOException {
    if (!Files.isDirectory(data)) {
      throw new QueryException(QueryException.Reason.QUESTION, "no data directory: " + data);
    }
    Catalog catalog = new Catalog(data.toRealPath());
    Properties settings = new Properties();
    settings.setProperty("jdbc_stream_results", "true");
    settings.setProperty("memory_limit", (limits.memoryBytes() >> 10) + "KiB");
    settings.setProperty("threads", Integer.toString(limits.threads()));
    settings.setProperty("temp_directory", "");
    settings.setProperty("autoload_known_extensions", "false");
    settings.setProperty("autoinstall_known_extensions", "false");
    settings.setProperty("allow_persistent_secrets", "false");
    try {
      Query query =
          new Query(
              catalog,
              limits,
              DriverManager.getConnection("jdbc:duckdb:", settings),
              new Views(),
              output,
              recent == null ? null : recent.catalog());
      query.lock();
      return query;
    } catch (SQLException e) {
      throw new IOException("cannot start the SQL engine: " + e.getMessage(), e);
    }
  }

  private void lock() throws SQLException, IOException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET TimeZone = 'UTC'");
      // Times of the archive have no zone and are UTC; the engine's own now() has one and does not
      // compare.
      statement.execute("CREATE MACRO now() AS (get_current_timestamp()::TIMESTAMP)");
      statement.execute("CREATE MACRO current_timestamp() AS (get_current_timestamp()::TIMESTAMP)");
      statement.execute(
          "SET allowed_directories = ["
              + Tables.literal(catalog.events() + "/")
              + ", "
              + Tables.literal(catalog.alerts() + "/")
              + (recent == null ? "" : ", " + Tables.literal(recent.events() + "/"))
              + "]");
      if (output != null) {
        statement.execute("SET allowed_paths = [" + Tables.literal(output.toString()) + "]");
      }
      statement.execute("SET enable_external_access = false");
      statement.execute("SET lock_configuration = true");
    }
    tables = Tables.create(connection, catalog, recent);
  }

  /** One line for each file that is not part of the answers. */
  public List<String> warnings() {
    return tables.warnings();
  }

  /** No event has been archived yet. */
  public boolean isEmpty() {
    return !tables.hasEvents();
  }

  /** Rows go out as they come, so what was written before a failure stays written. */
  public void run(String sql, RowSink out) throws QueryException, IOException {
    String question = sql.strip();
    check(question);
    define(question);
    answer(question, out);
  }

  /** Writes the answer as Parquet, with the engine's own types, to the file that it may write. */
  public void writeParquet(String sql) throws QueryException, IOException {
    String question = sql.strip().replaceFirst(";\\s*$", "");
    check(question);
    define(question);
    RowSink nothing =
        new RowSink() {
          @Override
          public void begin(List<Column> columns) {}

          @Override
          public void row(Object[] values) {}

          @Override
          public void end() {}
        };
    // What is checked is one SELECT; a comment at its end must not hide what follows.
    answer(
        "COPY ("
            + question
            + "\n) TO "
            + Tables.literal(output.toString())
            + " (FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false)",
        nothing);
  }

  private void answer(String question, RowSink out) throws QueryException, IOException {
    stopped = null;
    long deadline = System.nanoTime() + limits.timeout().toNanos();
    ScheduledFuture<?> watch =
        clock.scheduleWithFixedDelay(
            () -> watch(deadline), TICK_MS, TICK_MS, TimeUnit.MILLISECONDS);
    try {
      for (int attempt = 1; !attempt(question, out, attempt == ATTEMPTS); attempt++) {
        tables = Tables.create(connection, catalog, recent);
      }
    } catch (SQLException e) {
      throw failure(question, e);
    } finally {
      watch.cancel(false);
    }
  }

  private void define(String question) throws QueryException, IOException {
    List<String> missing = views.missing(question);
    if (missing.isEmpty()) {
      return;
    }
    try {
      Tables.empty(connection);
      views.define(connection, missing);
      tables = Tables.create(connection, catalog, recent);
    } catch (SQLException e) {
      throw failure(question, e);
    }
  }

  /** Ends the question that is being answered, which then fails as cancelled. */
  public void cancel() {
    stopped = QueryException.Reason.CANCELLED;
  }

  /** Interrupts again and again: an interrupt that comes before the engine has begun is lost. */
  private void watch(long deadline) {
    if (stopped == null && System.nanoTime() - deadline >= 0) {
      stopped = QueryException.Reason.LIMIT;
    }
    Statement statement = running;
    if (stopped != null && statement != null) {
      try {
        statement.cancel();
      } catch (SQLException e) {
        LOG.debug("the question had ended by itself", e);
      }
    }
  }

  @Override
  public void close() throws IOException {
    clock.shutdownNow();
    try {
      connection.close();
    } catch (SQLException e) {
      throw new IOException("cannot close the SQL engine: " + e.getMessage(), e);
    }
  }

  /** False where a file went away before the first row, so that asking again makes sense. */
  private boolean attempt(String sql, RowSink out, boolean last)
      throws SQLException, IOException, QueryException {
    boolean begun = false;
    try (Statement statement = connection.createStatement()) {
      running = statement;
      refuseIfStopped();
      if (!statement.execute(sql)) { // written, and nothing to read
        refuseIfStopped();
        return true;
      }
      try (ResultSet rows = statement.getResultSet()) {
        boolean more = rows.next();
        refuseIfStopped();
        begun = true;
        out.begin(columns(rows.getMetaData()));
        Object[] row = new Object[rows.getMetaData().getColumnCount()];
        for (; more; more = rows.next()) {
          refuseIfStopped();
          for (int i = 0; i < row.length; i++) {
            row[i] = Cells.read(rows, i + 1);
          }
          out.row(row);
        }
        refuseIfStopped();
        out.end();
      }
    } catch (SQLException e) {
      if (begun || stopped != null) {
        throw e;
      }
      String message = diagnosis().message(sql, e);
      if (last || !isFileGone(message)) {
        throw new SQLException(message, e);
      }
      return false;
    } finally {
      running = null;
    }
    return true;
  }

  private void refuseIfStopped() throws QueryException {
    if (stopped != null) {
      throw stopped(null);
    }
  }

  private QueryException stopped(SQLException because) {
    String message =
        stopped == QueryException.Reason.LIMIT
            ? "stopped at timeout="
                + limits.timeout().toMillis()
                + "ms: allow more, or ask for less,"
                + " for example by date, hour and time"
            : "cancelled";
    return new QueryException(stopped, message, because);
  }

  private void check(String question) throws QueryException {
    Matcher explain = EXPLAIN.matcher(question);
    String body = explain.lookingAt() ? question.substring(explain.end()) : question;
    try (PreparedStatement statement = connection.prepareStatement(CHECK)) {
      statement.setString(1, body);
      try (ResultSet result = statement.executeQuery()) {
        result.next();
        String error = result.getString(1);
        int statements = result.getInt(2);
        if (error != null && !error.startsWith("Only SELECT")) {
          throw new QueryException(QueryException.Reason.QUESTION, error);
        }
        if (error != null || !reads(result.getArray(3))) {
          throw new QueryException(
              QueryException.Reason.QUESTION,
              "only questions are allowed: SELECT, WITH, FROM, VALUES, DESCRIBE, SUMMARIZE, SHOW,"
                  + " EXPLAIN");
        }
        if (statements != 1) {
          throw new QueryException(
              QueryException.Reason.QUESTION, "one question at a time, statements=" + statements);
        }
      }
    } catch (SQLException e) {
      throw failure(CHECK, e);
    }
  }

  private static boolean reads(Array nodes) throws SQLException {
    for (Object node : (Object[]) nodes.getArray()) {
      if (!READING.contains(node)) {
        return false;
      }
    }
    return true;
  }

  private static List<Column> columns(ResultSetMetaData data) throws SQLException {
    List<Column> columns = new ArrayList<>();
    for (int i = 1; i <= data.getColumnCount(); i++) {
      columns.add(
          new Column(data.getColumnName(i), NUMERIC.matcher(data.getColumnTypeName(i)).matches()));
    }
    return columns;
  }

  private QueryException failure(String sql, SQLException e) {
    if (stopped != null) {
      return stopped(e);
    }
    QueryException failure = diagnosis().of(sql, e, () -> stopped != null);
    return stopped == null ? failure : stopped(e);
  }

  private Diagnosis diagnosis() {
    return new Diagnosis(connection, tables, limits, statement -> running = statement);
  }

  private static boolean isFileGone(String message) {
    return message.contains("No such file") || message.contains("No files found");
  }
}
