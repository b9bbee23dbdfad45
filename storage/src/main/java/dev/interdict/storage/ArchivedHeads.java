package dev.interdict.storage;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * How far the archive has each node. The archive takes a node's events in their order, so that all
 * before its newest Position is there, too, or in a gap.
 */
public final class ArchivedHeads {
  /**
   * @param time nanoseconds since 1970
   */
  public record Head(long epoch, long sequence, long time) {}

  private ArchivedHeads() {}

  /** Of those nodes that have any event; reads the newest hours in which one has. */
  public static Map<String, Head> of(Catalog catalog, Collection<String> nodes) throws IOException {
    Map<String, Head> heads = new HashMap<>();
    Set<String> wanted = new TreeSet<>(nodes);
    Map<String, List<Path>> hours = new TreeMap<>();
    for (Path file : Catalog.files(catalog.events())) {
      if (ArchiveTable.EVENTS.fault(file) == null) {
        String hour = catalog.events().relativize(file.getParent().getParent()).toString();
        hours.computeIfAbsent(hour, any -> new ArrayList<>()).add(file);
      }
    }
    List<String> newestFirst = new ArrayList<>(hours.keySet());
    Collections.reverse(newestFirst);
    return Engine.read(
        statement -> {
          for (String hour : newestFirst) {
            wanted.removeAll(heads.keySet());
            List<Path> files = hours.get(hour);
            files.removeIf(file -> wanted.stream().noneMatch(node -> isOf(file, node)));
            if (!files.isEmpty()) {
              read(statement, files, wanted, heads);
            }
          }
          return heads;
        });
  }

  private static boolean isOf(Path file, String node) {
    return file.getParent().getFileName().toString().equals(Partition.NODE + node.substring(0, 2));
  }

  private static void read(
      Statement statement, List<Path> files, Set<String> wanted, Map<String, Head> heads)
      throws SQLException {
    try (ResultSet rows =
        statement.executeQuery(
            "SELECT node, max(epoch), max_by(sequence, (epoch, sequence)),"
                + " epoch_ns(max_by(time, (epoch, sequence))) FROM read_parquet("
                + Engine.list(files)
                + ", union_by_name = true, hive_partitioning = false) GROUP BY node")) {
      while (rows.next()) {
        if (wanted.contains(rows.getString(1))) {
          heads.put(rows.getString(1), new Head(rows.getLong(2), rows.getLong(3), rows.getLong(4)));
        }
      }
    }
  }
}
