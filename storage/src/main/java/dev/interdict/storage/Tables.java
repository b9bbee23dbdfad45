package dev.interdict.storage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.IntLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimestampLogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;

/**
 * The views that a question sees, over the files that were finished when it was asked. A view has
 * every column of its table, also where no file has it yet.
 */
final class Tables {
  private static final Pattern EVENT_PARTITION =
      Pattern.compile("date=\\d{4}-\\d\\d-\\d\\d/hour=\\d\\d/node_prefix=[0-9a-f]{2}");
  private static final Pattern ALERT_PARTITION = Pattern.compile("date=\\d{4}-\\d\\d-\\d\\d");

  private static final List<String> EVENT_PARTITIONS =
      List.of("date DATE", "hour VARCHAR", "node_prefix VARCHAR");
  private static final List<String> ALERT_PARTITIONS = List.of("date DATE");
  private static final String VERSIONS = "alert_versions";

  /**
   * An alert grows while findings are folded into it; the newest row counts, with the evidence of
   * the first, for later ones no longer carry its events.
   */
  private static final String NEWEST_ALERTS =
      "CREATE OR REPLACE VIEW alerts AS SELECT "
          + AlertColumns.SCHEMA.getFields().stream()
              .map(Type::getName)
              .map(
                  column ->
                      column.equals("evidence")
                          ? "first_value(evidence) OVER (PARTITION BY id ORDER BY \"count\""
                              + " NULLS FIRST, detected_time) AS evidence"
                          : quoted(column))
              .collect(Collectors.joining(", "))
          + ", date FROM alert_versions QUALIFY row_number() OVER (PARTITION BY id"
          + " ORDER BY \"count\" DESC NULLS LAST, detected_time DESC) = 1";

  private final List<String> warnings = new ArrayList<>();
  private List<Path> events = List.of();
  private List<Path> alerts = List.of();
  private List<Path> recent = List.of();
  private Path recentTable;

  /** Tables without files: to define a view over one opens each of its files. */
  static void empty(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(view(EventColumns.TABLE, EventColumns.SCHEMA, EVENT_PARTITIONS, List.of()));
      statement.execute(view(VERSIONS, AlertColumns.SCHEMA, ALERT_PARTITIONS, List.of()));
      statement.execute(NEWEST_ALERTS);
    }
  }

  /**
   * Replaces the tables of that connection.
   *
   * @param recent events that may be in the archive or not; null: none
   */
  static Tables create(Connection connection, Catalog catalog, Catalog recent)
      throws IOException, SQLException {
    Tables tables = new Tables();
    tables.events = tables.usable(catalog, ArchiveTable.EVENTS, EVENT_PARTITION);
    tables.alerts = tables.usable(catalog, ArchiveTable.ALERTS, ALERT_PARTITION);
    if (recent != null) {
      tables.recentTable = recent.events();
      tables.recent = Catalog.files(tables.recentTable);
    }
    try {
      tables.define(connection, catalog);
    } catch (SQLException e) {
      if (!tables.leaveOutUnreadable(connection)) {
        throw e;
      }
      tables.define(connection, catalog);
    }
    return tables;
  }

  private void define(Connection connection, Catalog catalog) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      String view = view(EventColumns.TABLE, EventColumns.SCHEMA, EVENT_PARTITIONS, events);
      if (!recent.isEmpty()) {
        statement.execute(inBoth(catalog));
        view +=
            " UNION ALL BY NAME SELECT * FROM (SELECT * FROM "
                + read(recent, EVENT_PARTITIONS)
                + ") ANTI JOIN recent_in_archive USING (node, epoch, sequence)";
      }
      statement.execute(view);
      statement.execute(view(VERSIONS, AlertColumns.SCHEMA, ALERT_PARTITIONS, alerts));
      statement.execute(NEWEST_ALERTS);
    }
  }

  /**
   * The recent ones that the archive has got by now: an event has the same partition in both, so
   * few files are read.
   */
  private String inBoth(Catalog catalog) {
    Set<Path> places =
        recent.stream()
            .map(file -> recentTable.relativize(file.getParent()))
            .collect(Collectors.toSet());
    List<Path> archived =
        events.stream()
            .filter(file -> places.contains(catalog.events().relativize(file.getParent())))
            .toList();
    String table =
        "CREATE OR REPLACE TABLE recent_in_archive AS SELECT node, epoch, sequence FROM ";
    return archived.isEmpty()
        ? table + read(recent, EVENT_PARTITIONS) + " WHERE false"
        : table
            + "(SELECT * FROM "
            + read(archived, EVENT_PARTITIONS)
            + ") SEMI JOIN (SELECT * FROM "
            + read(recent, EVENT_PARTITIONS)
            + ") USING (node, epoch, sequence)";
  }

  /** False if the footer of each file can be read, so that none of them was the reason. */
  private boolean leaveOutUnreadable(Connection connection) throws SQLException {
    int before = warnings.size();
    events = readable(connection, events);
    alerts = readable(connection, alerts);
    return warnings.size() > before;
  }

  private List<Path> readable(Connection connection, List<Path> files) throws SQLException {
    List<Path> readable = new ArrayList<>();
    for (Path file : files) {
      try (Statement statement = connection.createStatement()) { // one that fails is closed
        statement.execute("DESCRIBE SELECT * FROM read_parquet(" + literal(file.toString()) + ")");
        readable.add(file);
      } catch (SQLException e) {
        if (Files.exists(file)) { // not replaced meanwhile
          String reason = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
          warnings.add("left out " + file + ": damaged footer: " + reason);
        }
      }
    }
    return readable;
  }

  /** One line for each file that is not part of the answer. */
  List<String> warnings() {
    return warnings;
  }

  boolean hasEvents() {
    return !events.isEmpty() || !recent.isEmpty();
  }

  /** What the views read. */
  List<Path> files() {
    List<Path> files = new ArrayList<>(events);
    files.addAll(recent);
    files.addAll(alerts);
    return files;
  }

  private List<Path> usable(Catalog catalog, ArchiveTable table, Pattern partition)
      throws IOException {
    Path directory = table.directory(catalog);
    List<Path> usable = new ArrayList<>();
    for (Path file : Catalog.files(directory)) {
      String place = directory.relativize(file.getParent()).toString();
      String fault =
          partition.matcher(place).matches()
              ? table.fault(file)
              : "not in a partition such as " + partition.pattern();
      if (fault == null) {
        usable.add(file);
      } else {
        warnings.add("left out " + file + ": " + fault);
      }
    }
    return usable;
  }

  private static String view(
      String name, MessageType schema, List<String> partitions, List<Path> files) {
    String none = absent(schema);
    String noPartition =
        partitions.stream()
            .map(column -> column.split(" "))
            .map(column -> "NULL::" + column[1] + " AS " + column[0])
            .collect(Collectors.joining(", "));
    String empty = "SELECT " + none + ", " + noPartition + " WHERE false";
    String head = "CREATE OR REPLACE VIEW " + name + " AS ";
    if (files.isEmpty()) {
      return head + empty;
    }
    return head + empty + " UNION ALL BY NAME SELECT * FROM " + read(files, partitions);
  }

  private static String read(List<Path> files, List<String> partitions) {
    String types =
        partitions.stream()
            .map(column -> column.replace(" ", ": '") + "'") // bare types are columns in a join
            .collect(Collectors.joining(", ", "{", "}"));
    return "read_parquet("
        + Engine.list(files)
        + ", union_by_name = true, hive_partitioning = true, hive_types = "
        + types
        + ")";
  }

  /** Every column of a table, without a value. */
  static String absent(MessageType schema) {
    return schema.getFields().stream()
        .map(column -> "NULL::" + type(column) + " AS " + quoted(column.getName()))
        .collect(Collectors.joining(", "));
  }

  private static String type(Type column) {
    if (!column.isPrimitive()) {
      return list(column.asGroupType());
    }
    LogicalTypeAnnotation logical = column.getLogicalTypeAnnotation();
    return switch (column.asPrimitiveType().getPrimitiveTypeName()) {
      case BOOLEAN -> "BOOLEAN";
      case BINARY -> logical == null ? "BLOB" : "VARCHAR";
      case INT64 ->
          logical instanceof TimestampLogicalTypeAnnotation
              ? "TIMESTAMP_NS"
              : logical instanceof IntLogicalTypeAnnotation ? "UBIGINT" : "BIGINT";
      default -> throw new IllegalArgumentException("no SQL type for " + column);
    };
  }

  private static String list(GroupType list) {
    Type element = list.getType(0).asGroupType().getType(0);
    if (element.isPrimitive()) {
      return type(element) + "[]";
    }
    return element.asGroupType().getFields().stream()
        .map(field -> quoted(field.getName()) + " " + type(field))
        .collect(Collectors.joining(", ", "STRUCT(", ")[]"));
  }

  private static String quoted(String name) {
    return '"' + name + '"';
  }

  static String literal(String text) {
    return "'" + text.replace("'", "''") + "'";
  }
}
