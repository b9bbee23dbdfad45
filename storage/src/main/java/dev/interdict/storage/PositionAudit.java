package dev.interdict.storage;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Proves that each Position of each node is in the archive once, or in a gap that says so. */
public final class PositionAudit {
  /**
   * Of one epoch of a node's recorder.
   *
   * @param events rows, the gaps among them
   * @param first the lowest sequence: what was before is not there, as retention leaves it
   * @param doubled rows beyond the first with the same Position
   * @param inGaps sequences that are absent and that a gap event covers
   * @param missing sequences that are absent and that nothing explains
   * @param missingFirst the lowest of them, 0 if there is none
   */
  public record Epoch(
      String node,
      long epoch,
      long events,
      long first,
      long last,
      long doubled,
      long inGaps,
      long missing,
      long missingFirst) {
    public boolean complete() {
      return doubled == 0 && missing == 0;
    }
  }

  /**
   * Holes between neighbouring sequences, each split by the gap events that cover a part of it;
   * gaps may overlap, so they are cut to where the one before ended.
   */
  private static final String AUDIT =
      """
      WITH positions AS (
        SELECT epoch, sequence, count(*) AS times FROM %1$s WHERE node = %2$s GROUP BY ALL
      ), neighbours AS (
        SELECT epoch, sequence, times,
          lag(sequence) OVER (PARTITION BY epoch ORDER BY sequence) AS before FROM positions
      ), holes AS (
        SELECT epoch, before + 1 AS low, sequence - 1 AS high FROM neighbours WHERE sequence > before + 1
      ), told AS (
        SELECT epoch, gap_first_sequence AS low, gap_last_sequence AS high,
          coalesce(max(gap_last_sequence) OVER (PARTITION BY epoch
            ORDER BY gap_first_sequence, gap_last_sequence
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS until
        FROM %1$s
        WHERE node = %2$s AND kind = 'gap' AND gap_first_sequence > 0
      ), covered AS (
        SELECT h.epoch, h.low,
          sum(greatest(0, least(h.high, t.high) - greatest(h.low, t.low, t.until + 1) + 1)) AS sequences
        FROM holes h JOIN told t ON h.epoch = t.epoch AND t.low <= h.high AND t.high >= h.low
        GROUP BY ALL
      ), unexplained AS (
        SELECT h.epoch, h.low, h.high - h.low + 1 AS absent, coalesce(c.sequences, 0) AS explained
        FROM holes h LEFT JOIN covered c ON h.epoch = c.epoch AND h.low = c.low
      ), per_hole AS (
        SELECT epoch, sum(explained)::BIGINT AS in_gaps, sum(absent - explained)::BIGINT AS missing,
          coalesce(min(low) FILTER (WHERE absent > explained), 0)::BIGINT AS missing_first
        FROM unexplained GROUP BY epoch
      ), totals AS (
        SELECT epoch, sum(times)::BIGINT AS events, min(sequence) AS first, max(sequence) AS last,
          sum(times - 1)::BIGINT AS doubled FROM positions GROUP BY epoch
      )
      SELECT t.epoch, t.events, t.first, t.last, t.doubled, coalesce(p.in_gaps, 0),
        coalesce(p.missing, 0), coalesce(p.missing_first, 0)
      FROM totals t LEFT JOIN per_hole p ON t.epoch = p.epoch ORDER BY t.epoch
      """;

  private PositionAudit() {}

  /**
   * @param faults takes a line for each file that cannot be part of the archive
   */
  public static List<Epoch> run(Catalog catalog, Consumer<String> progress, Consumer<String> faults)
      throws IOException {
    List<Path> files = new ArrayList<>();
    for (Path file : Catalog.files(catalog.events())) {
      String fault = ArchiveFile.fault(file, EventColumns.TABLE, EventColumns.VERSION);
      if (fault == null) {
        files.add(file);
      } else {
        faults.accept(file + ": " + fault);
      }
    }
    if (files.isEmpty()) {
      return List.of();
    }
    String table =
        "read_parquet(" + Engine.list(files) + ", union_by_name = true, hive_partitioning = false)";
    return Engine.run(
        catalog.data().resolve(".spill"),
        statement -> {
          List<Epoch> epochs = new ArrayList<>();
          for (String node : nodes(statement, table)) {
            progress.accept(node);
            audit(statement, table, node, epochs);
          }
          return epochs;
        });
  }

  private static List<String> nodes(Statement statement, String table) throws SQLException {
    List<String> nodes = new ArrayList<>();
    try (ResultSet rows =
        statement.executeQuery("SELECT DISTINCT node FROM " + table + " ORDER BY node")) {
      while (rows.next()) {
        nodes.add(rows.getString(1));
      }
    }
    return nodes;
  }

  private static void audit(Statement statement, String table, String node, List<Epoch> into)
      throws SQLException {
    try (ResultSet rows =
        statement.executeQuery(String.format(AUDIT, table, Tables.literal(node)))) {
      while (rows.next()) {
        into.add(
            new Epoch(
                node,
                rows.getLong(1),
                rows.getLong(2),
                rows.getLong(3),
                rows.getLong(4),
                rows.getLong(5),
                rows.getLong(6),
                rows.getLong(7),
                rows.getLong(8)));
      }
    }
  }
}
