package dev.interdict.storage;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * Finds out why a question failed, so that the person who asked knows what to do. It names the
 * statement that it is running, which can be interrupted like the question itself.
 */
record Diagnosis(
    Connection connection, Tables tables, QueryLimits limits, Consumer<Statement> running) {
  /** What the engine says of an answer that it streams, whatever the reason was. */
  private static final String NO_REASON = "Invalid result set";

  private static final Pattern WRONG_QUESTION =
      Pattern.compile(
          "(Parser|Binder|Catalog|Conversion|Out of Range|Not implemented|Permission) Error.*",
          Pattern.DOTALL);

  QueryException of(String sql, SQLException e, BooleanSupplier stopped) {
    String message = message(sql, e);
    if (message.startsWith("Out of Memory")) {
      return new QueryException(
          QueryException.Reason.LIMIT,
          "more than memory="
              + (limits.memoryBytes() >> 20)
              + "MiB is needed: allow more, or ask for less",
          e);
    }
    if (message.startsWith("Permission Error")) {
      return new QueryException(
          QueryException.Reason.QUESTION, "a question may read the archive only: " + message, e);
    }
    if (!WRONG_QUESTION.matcher(message).matches()) {
      for (Path file : tables.files()) {
        String damage = stopped.getAsBoolean() ? null : damage(file);
        if (damage != null) {
          return new QueryException(
              QueryException.Reason.DATA, "damaged file " + file + ": " + damage, e);
        }
      }
    }
    return new QueryException(QueryException.Reason.QUESTION, message, e);
  }

  /** The engine tells the reason when it does not stream: it then runs all and shows the plan. */
  String message(String sql, SQLException e) {
    String message = String.valueOf(e.getMessage());
    if (!message.contains(NO_REASON)) {
      return message;
    }
    String reason = failure("EXPLAIN ANALYZE " + sql);
    return reason == null ? message : reason;
  }

  private String damage(Path file) {
    return failure(
        "EXPLAIN ANALYZE SELECT * FROM read_parquet(" + Tables.literal(file.toString()) + ")");
  }

  private String failure(String sql) {
    try (Statement statement = connection.createStatement()) {
      running.accept(statement);
      statement.execute(sql);
      return null;
    } catch (SQLException e) {
      return String.valueOf(e.getMessage());
    } finally {
      running.accept(null);
    }
  }
}
