package dev.interdict.storage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/** How much a table holds, from the footers alone. */
public final class ArchiveStats {
  /**
   * @param first the earliest partition, null without one
   * @param unusable files that are no part of the table
   */
  public record TableStats(
      String table,
      int files,
      long rows,
      long bytes,
      int partitions,
      String first,
      String last,
      int unusable) {
    public double bytesPerRow() {
      return rows == 0 ? 0 : (double) bytes / rows;
    }
  }

  private ArchiveStats() {}

  public static List<TableStats> of(Catalog catalog) throws IOException {
    return List.of(table(catalog, ArchiveTable.EVENTS), table(catalog, ArchiveTable.ALERTS));
  }

  private static TableStats table(Catalog catalog, ArchiveTable table) throws IOException {
    Path directory = table.directory(catalog);
    List<Path> files = new ArrayList<>();
    TreeSet<String> partitions = new TreeSet<>();
    long bytes = 0;
    int unusable = 0;
    for (Path file : Catalog.files(directory)) {
      try {
        if (table.fault(file) == null) {
          bytes += Files.size(file);
          files.add(file);
          partitions.add(directory.relativize(file.getParent()).toString());
        } else {
          unusable++;
        }
      } catch (NoSuchFileException e) {
        // Compaction or retention took it since it was listed.
        continue;
      }
    }
    return new TableStats(
        table.title(),
        files.size(),
        files.isEmpty() ? 0 : rows(catalog, files),
        bytes,
        partitions.size(),
        partitions.isEmpty() ? null : partitions.first(),
        partitions.isEmpty() ? null : partitions.last(),
        unusable);
  }

  private static long rows(Catalog catalog, List<Path> files) throws IOException {
    return Engine.run(
        catalog.data().resolve(".spill"),
        statement -> {
          String sql =
              "SELECT sum(num_rows)::BIGINT FROM parquet_file_metadata(" + Engine.list(files) + ")";
          try (ResultSet sum = statement.executeQuery(sql)) {
            sum.next();
            return sum.getLong(1);
          }
        });
  }
}
