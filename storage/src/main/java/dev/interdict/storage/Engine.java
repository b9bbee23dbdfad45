package dev.interdict.storage;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Properties;
import java.util.stream.Collectors;

/** The SQL engine for the archive's own work, which unlike a question may write files. */
final class Engine {
  private static final String MEMORY = "1GiB";

  private Engine() {}

  interface Work<T> {
    T in(Statement statement) throws SQLException, IOException;
  }

  /** Writes nothing: who asks may have no right to. */
  static <T> T read(Work<T> work) throws IOException {
    return run("", work);
  }

  static <T> T run(Path spill, Work<T> work) throws IOException {
    return run(spill.toString(), work);
  }

  private static <T> T run(String spill, Work<T> work) throws IOException {
    Properties settings = new Properties();
    settings.setProperty("memory_limit", MEMORY);
    settings.setProperty("temp_directory", spill);
    settings.setProperty("jdbc_stream_results", "true");
    settings.setProperty("autoload_known_extensions", "false");
    settings.setProperty("autoinstall_known_extensions", "false");
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:", settings);
        Statement statement = connection.createStatement()) {
      statement.execute("SET TimeZone = 'UTC'");
      return work.in(statement);
    } catch (SQLException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  static String list(List<Path> files) {
    return files.stream()
        .map(file -> Tables.literal(file.toString()))
        .collect(Collectors.joining(", ", "[", "]"));
  }
}
