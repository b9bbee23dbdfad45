package dev.interdict.storage;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
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
      Pattern.compile("date=\\d{4}-\\d\\d-\\d\\d/hour=\\d\\d/node_prefix=[0-9a-f]{8}");
  private static final Pattern ALERT_PARTITION = Pattern.compile("date=\\d{4}-\\d\\d-\\d\\d");

  private static final String GAPS =
      "CREATE OR REPLACE VIEW gaps AS SELECT node, epoch, sequence, time, gap_reason AS reason,"
          + " gap_lane AS lane, gap_count AS count, gap_counted AS counted,"
          + " gap_from_time AS from_time, gap_until_time AS until_time,"
          + " gap_first_sequence AS first_sequence, gap_last_sequence AS last_sequence"
          + " FROM events WHERE kind = 'gap'";

  private final List<String> warnings = new ArrayList<>();
  private List<Path> events = List.of();
  private List<Path> alerts = List.of();

  /** Replaces the views of that connection. */
  static Tables create(Connection connection, Catalog catalog) throws IOException, SQLException {
    Tables tables = new Tables();
    tables.events =
        tables.usable(catalog.events(), EventColumns.TABLE, EventColumns.VERSION, EVENT_PARTITION);
    tables.alerts =
        tables.usable(catalog.alerts(), AlertColumns.TABLE, AlertColumns.VERSION, ALERT_PARTITION);
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          view(
              EventColumns.SCHEMA,
              List.of("date DATE", "hour VARCHAR", "node_prefix VARCHAR"),
              tables.events));
      statement.execute(view(AlertColumns.SCHEMA, List.of("date DATE"), tables.alerts));
      statement.execute(GAPS);
    }
    return tables;
  }

  /** One line for each file that is not part of the answer. */
  List<String> warnings() {
    return warnings;
  }

  boolean hasEvents() {
    return !events.isEmpty();
  }

  /** What the views read. */
  List<Path> files() {
    List<Path> files = new ArrayList<>(events);
    files.addAll(alerts);
    return files;
  }

  private List<Path> usable(Path directory, String table, int version, Pattern partition)
      throws IOException {
    List<Path> usable = new ArrayList<>();
    for (Path file : Catalog.files(directory)) {
      String place = directory.relativize(file.getParent()).toString();
      String fault =
          partition.matcher(place).matches()
              ? ArchiveFile.fault(file, table, version)
              : "not in a partition such as " + partition.pattern();
      if (fault == null) {
        usable.add(file);
      } else {
        warnings.add("left out " + file + ": " + fault);
      }
    }
    return usable;
  }

  private static String view(MessageType schema, List<String> partitions, List<Path> files) {
    String none =
        schema.getFields().stream()
            .map(column -> "NULL::" + type(column) + " AS " + quoted(column.getName()))
            .collect(Collectors.joining(", "));
    String noPartition =
        partitions.stream()
            .map(column -> column.split(" "))
            .map(column -> "NULL::" + column[1] + " AS " + column[0])
            .collect(Collectors.joining(", "));
    String empty = "SELECT " + none + ", " + noPartition + " WHERE false";
    String head = "CREATE OR REPLACE VIEW " + schema.getName() + " AS ";
    if (files.isEmpty()) {
      return head + empty;
    }
    String list =
        files.stream().map(file -> literal(file.toString())).collect(Collectors.joining(", "));
    String types =
        partitions.stream()
            .map(column -> column.replace(" ", ": "))
            .collect(Collectors.joining(", ", "{", "}"));
    return head
        + empty
        + " UNION ALL BY NAME SELECT * FROM read_parquet(["
        + list
        + "], union_by_name = true, hive_partitioning = true, hive_types = "
        + types
        + ")";
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
