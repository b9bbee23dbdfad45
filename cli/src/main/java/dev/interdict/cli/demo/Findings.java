package dev.interdict.cli.demo;

import dev.interdict.schema.Alert;
import dev.interdict.schema.Evidence;
import dev.interdict.schema.Position;
import dev.interdict.storage.Column;
import dev.interdict.storage.Query;
import dev.interdict.storage.QueryException;
import dev.interdict.storage.QueryLimits;
import dev.interdict.storage.ResultFormat;
import dev.interdict.storage.RowSink;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What Parquet says of the attacks.
 *
 * @param events rows of the whole table
 * @param evidenceRows rows under the Positions that the alerts name as evidence
 */
record Findings(long events, long evidenceRows) {
  static final Findings NONE = new Findings(0, 0);

  private static final Duration COMMIT = Duration.ofSeconds(20);
  private static final long POLL_MILLIS = 100;

  static Findings of(DemoStack stack, List<Alert> alerts, Story story)
      throws IOException, InterruptedException, Demo.StepFailed {
    List<Position> positions =
        alerts.stream()
            .flatMap(alert -> alert.getEvidenceList().stream())
            .map(Evidence::getPosition)
            .distinct()
            .toList();
    if (positions.isEmpty()) {
      throw new Demo.StepFailed("no alert names any evidence");
    }
    String among =
        positions.stream()
            .map(
                position ->
                    "('"
                        + position.getNode()
                        + "', "
                        + position.getEpoch()
                        + ", "
                        + position.getSequence()
                        + ")")
            .collect(Collectors.joining(", ", "(node, epoch, sequence) IN (", ")"));
    stack.flushArchive();
    long rows = awaitRows(stack, among, positions.size());
    show(stack, lastOfTheSequence(alerts), story);
    return new Findings(count(stack, "true"), rows);
  }

  private static Alert lastOfTheSequence(List<Alert> alerts) throws Demo.StepFailed {
    return alerts.stream()
        .filter(alert -> alert.getRuleId().equals(Demo.SEQUENCE))
        .reduce((first, second) -> second)
        .orElseThrow(() -> new Demo.StepFailed("no alert of sequence " + Demo.SEQUENCE));
  }

  /** The files of a checkpoint get their names shortly after it is complete. */
  private static long awaitRows(DemoStack stack, String among, int expected)
      throws IOException, InterruptedException, Demo.StepFailed {
    long deadline = System.nanoTime() + COMMIT.toNanos();
    while (true) {
      long rows = count(stack, among);
      if (rows == expected) {
        return rows;
      }
      if (System.nanoTime() > deadline) {
        throw new Demo.StepFailed(
            "Parquet has " + rows + " rows for " + expected + " positions of evidence");
      }
      Thread.sleep(POLL_MILLIS);
    }
  }

  private static long count(DemoStack stack, String where) throws IOException, Demo.StepFailed {
    long[] count = new long[1];
    ask(
        stack,
        "SELECT count(*) FROM events WHERE " + where,
        new RowSink() {
          @Override
          public void begin(List<Column> columns) {}

          @Override
          public void row(Object[] values) {
            count[0] = ((Number) values[0]).longValue();
          }

          @Override
          public void end() {}
        });
    return count[0];
  }

  private static void show(DemoStack stack, Alert alert, Story story)
      throws IOException, Demo.StepFailed {
    String sequences =
        alert.getEvidenceList().stream()
            .map(evidence -> Long.toString(evidence.getPosition().getSequence()))
            .collect(Collectors.joining(", "));
    String sql =
        "SELECT sequence, time, kind, process_pid AS pid, process_exe AS exe,"
            + " coalesce(file_path, dup_type, process_command_line) AS what"
            + " FROM events WHERE sequence IN ("
            + sequences
            + ") ORDER BY sequence";
    story.line("> " + sql);
    StringBuilder table = new StringBuilder();
    ask(stack, sql, ResultFormat.TABLE.open(table, 140));
    table.toString().lines().forEach(story::line);
  }

  private static void ask(DemoStack stack, String sql, RowSink sink)
      throws IOException, Demo.StepFailed {
    try (Query query = Query.open(stack.data(), QueryLimits.defaults())) {
      query.run(sql, sink);
    } catch (QueryException e) {
      throw new Demo.StepFailed("the archive did not answer: " + e.getMessage(), e);
    }
  }
}
