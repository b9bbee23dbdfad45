package dev.interdict.jobs;

import dev.interdict.storage.Catalog;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Reads node/epoch/sequence of every row in the finished files. */
final class ArchivedPositions {
  private ArchivedPositions() {}

  static List<String> in(Catalog catalog) throws IOException, SQLException {
    List<String> positions = new ArrayList<>();
    List<Path> files = Catalog.files(catalog.events());
    if (files.isEmpty()) {
      return positions;
    }
    String list =
        files.stream().map(file -> "'" + file + "'").collect(Collectors.joining(",", "[", "]"));
    try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = duckdb.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT node || '/' || epoch || '/' || sequence FROM read_parquet("
                    + list
                    + ", hive_partitioning = false)")) {
      while (rows.next()) {
        positions.add(rows.getString(1));
      }
    }
    return positions;
  }
}
