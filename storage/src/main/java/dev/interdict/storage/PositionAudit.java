package dev.interdict.storage;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Proves that each Position of each node is in the archive once, or in a gap that says so; and,
 * where it is told what the recorders hold, that nothing of it is left out at the end.
 */
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
   * @param head the newest sequence that the recorder has, {@link #UNKNOWN} where it was not asked
   * @param behind how many of those up to the head come after all that is here
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
      long missingFirst,
      long head,
      long behind) {
    public static final long UNKNOWN = -1;

    private record Key(String node, long epoch) implements Comparable<Key> {
      @Override
      public int compareTo(Key other) {
        int byNode = node.compareTo(other.node);
        return byNode != 0 ? byNode : Long.compare(epoch, other.epoch);
      }
    }

    public boolean complete() {
      return doubled == 0 && missing == 0 && behind == 0;
    }
  }

  /**
   * What a node's recorder holds of an epoch.
   *
   * @param first the lowest sequence that its own retention has left
   */
  public record Recorded(String node, long epoch, long first, long last) {}

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
      ), reached AS (
        SELECT epoch, max(high) AS sequence FROM told GROUP BY epoch
      )
      SELECT t.epoch, t.events, t.first, t.last, t.doubled, coalesce(p.in_gaps, 0),
        coalesce(p.missing, 0), coalesce(p.missing_first, 0), greatest(t.last, coalesce(r.sequence, 0))
      FROM totals t LEFT JOIN per_hole p ON t.epoch = p.epoch
        LEFT JOIN reached r ON t.epoch = r.epoch ORDER BY t.epoch
      """;

  private PositionAudit() {}

  /**
   * @param recorded what the recorders held before this is called; what has come since is not asked
   *     for
   * @param faults takes a line for each file that cannot be part of the archive
   */
  public static List<Epoch> run(
      Catalog catalog,
      Collection<Recorded> recorded,
      Consumer<String> progress,
      Consumer<String> faults)
      throws IOException {
    Map<Epoch.Key, Recorded> heads = new TreeMap<>();
    recorded.forEach(each -> heads.put(new Epoch.Key(each.node(), each.epoch()), each));
    Map<String, List<Path>> partitions = partitions(catalog, faults);
    List<Epoch> epochs = new ArrayList<>();
    if (!partitions.isEmpty()) {
      Engine.run(
          catalog.data().resolve(".spill"),
          statement -> {
            for (List<Path> files : partitions.values()) {
              String table =
                  "read_parquet("
                      + Engine.list(files)
                      + ", union_by_name = true, hive_partitioning = false)";
              for (String node : nodes(statement, table)) {
                progress.accept(node);
                audit(statement, table, node, heads, epochs);
              }
            }
            return null;
          });
    }
    // What is left has no row here.
    for (Recorded each : heads.values()) {
      if (each.last() > 0) {
        long behind = each.last() - each.first() + 1;
        epochs.add(new Epoch(each.node(), each.epoch(), 0, 0, 0, 0, 0, 0, 0, each.last(), behind));
      }
    }
    epochs.sort(Comparator.comparing(Epoch::node).thenComparing(Epoch::epoch));
    return epochs;
  }

  /** By the last directory, which is that of a node, so that not every node opens every file. */
  private static Map<String, List<Path>> partitions(Catalog catalog, Consumer<String> faults)
      throws IOException {
    Map<String, List<Path>> partitions = new TreeMap<>();
    for (Path file : Catalog.files(catalog.events())) {
      String fault = ArchiveTable.EVENTS.fault(file);
      if (fault == null) {
        String node = file.getParent().getFileName().toString();
        partitions.computeIfAbsent(node, any -> new ArrayList<>()).add(file);
      } else {
        faults.accept(file + ": " + fault);
      }
    }
    return partitions;
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

  /** Takes the heads of what it has found. */
  private static void audit(
      Statement statement,
      String table,
      String node,
      Map<Epoch.Key, Recorded> heads,
      List<Epoch> into)
      throws SQLException {
    try (ResultSet rows =
        statement.executeQuery(String.format(AUDIT, table, Tables.literal(node)))) {
      while (rows.next()) {
        long epoch = rows.getLong(1);
        Recorded recorded = heads.remove(new Epoch.Key(node, epoch));
        into.add(
            new Epoch(
                node,
                epoch,
                rows.getLong(2),
                rows.getLong(3),
                rows.getLong(4),
                rows.getLong(5),
                rows.getLong(6),
                rows.getLong(7),
                rows.getLong(8),
                recorded == null ? Epoch.UNKNOWN : recorded.last(),
                recorded == null ? 0 : Math.max(0, recorded.last() - rows.getLong(9))));
      }
    }
  }
}
