package dev.interdict.storage;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.LogicalTypeAnnotation.StringLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimestampLogicalTypeAnnotation;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.Type;

/** The statements by which another engine knows the tables of the archive, from their columns. */
public final class ArchiveDdl {
  /**
   * Times are numbers, nanoseconds since 1970, where an engine has no type for them in Parquet. Ids
   * are numbers of 64 bits, with a sign, where it has none without.
   */
  public enum Dialect {
    /** Flink SQL, 2.x, file system connector. */
    FLINK("BIGINT", "BIGINT", "STRING", "BYTES", "BOOLEAN", '`', "ARRAY<%s>", "ROW<%s>", " "),
    /** Spark SQL, 3.2 and later, with {@code spark.sql.legacy.parquet.nanosAsLong=true}. */
    SPARK(
        "BIGINT",
        "DECIMAL(20,0)",
        "STRING",
        "BINARY",
        "BOOLEAN",
        '`',
        "ARRAY<%s>",
        "STRUCT<%s>",
        ": "),
    /** Trino, Hive connector, with {@code hive.timestamp-precision=NANOSECONDS}. */
    TRINO(
        "TIMESTAMP(9)",
        "BIGINT",
        "VARCHAR",
        "VARBINARY",
        "BOOLEAN",
        '"',
        "ARRAY(%s)",
        "ROW(%s)",
        " ");

    private final String time;
    private final String id;
    private final String text;
    private final String bytes;
    private final String flag;
    private final char quote;
    private final String array;
    private final String row;
    private final String colon;

    Dialect(
        String time,
        String id,
        String text,
        String bytes,
        String flag,
        char quote,
        String array,
        String row,
        String colon) {
      this.time = time;
      this.id = id;
      this.text = text;
      this.bytes = bytes;
      this.flag = flag;
      this.quote = quote;
      this.array = array;
      this.row = row;
      this.colon = colon;
    }

    /** Of the name that a person gives, in any case. */
    public static Dialect of(String name) {
      return valueOf(name.toUpperCase(Locale.ROOT));
    }

    private String quoted(String name) {
      return quote + name + quote;
    }
  }

  private ArchiveDdl() {}

  /**
   * A statement for each table, without semicolons.
   *
   * @param archive the directory of the tables, as the engine reaches it
   */
  public static List<String> statements(Dialect dialect, URI archive) {
    String base = archive.toString().replaceFirst("/+$", "");
    List<String> statements = new ArrayList<>();
    for (ArchiveTable table : ArchiveTable.values()) {
      statements.add(statement(dialect, table, base + '/' + table.title()));
    }
    return statements;
  }

  private static String statement(Dialect dialect, ArchiveTable table, String place) {
    List<String> columns = new ArrayList<>();
    for (Type column : table.schema().getFields()) {
      columns.add(dialect.quoted(column.getName()) + ' ' + type(dialect, column));
    }
    for (String key : table.partitionKeys()) {
      columns.add(dialect.quoted(key) + ' ' + dialect.text);
    }
    String location = Tables.literal(place);
    return "CREATE TABLE "
        + table.title()
        + " (\n  "
        + String.join(",\n  ", columns)
        + "\n)"
        + switch (dialect) {
          case FLINK ->
              " PARTITIONED BY ("
                  + keys(table, dialect::quoted)
                  + ") WITH (\n  'connector' = 'filesystem',\n  'format' = 'parquet',\n  'path' = "
                  + location
                  + "\n)";
          case SPARK ->
              " USING PARQUET PARTITIONED BY ("
                  + keys(table, dialect::quoted)
                  + ") LOCATION "
                  + location;
          case TRINO ->
              " WITH (\n  format = 'PARQUET',\n  partitioned_by = ARRAY["
                  + keys(table, Tables::literal)
                  + "],\n  external_location = "
                  + location
                  + "\n)";
        };
  }

  private static String keys(ArchiveTable table, Function<String, String> quoted) {
    return table.partitionKeys().stream().map(quoted).collect(Collectors.joining(", "));
  }

  private static String type(Dialect dialect, Type column) {
    if (column.isPrimitive()) {
      return primitive(dialect, column.asPrimitiveType());
    }
    Type element = column.asGroupType().getType(0).asGroupType().getType(0);
    return String.format(
        dialect.array, element.isPrimitive() ? type(dialect, element) : row(dialect, element));
  }

  private static String row(Dialect dialect, Type element) {
    GroupType group = element.asGroupType();
    return String.format(
        dialect.row,
        group.getFields().stream()
            .map(field -> dialect.quoted(field.getName()) + dialect.colon + type(dialect, field))
            .collect(Collectors.joining(", ")));
  }

  private static String primitive(Dialect dialect, PrimitiveType type) {
    return switch (type.getPrimitiveTypeName()) {
      case BOOLEAN -> dialect.flag;
      case BINARY ->
          type.getLogicalTypeAnnotation() instanceof StringLogicalTypeAnnotation
              ? dialect.text
              : dialect.bytes;
      default -> {
        if (type.getLogicalTypeAnnotation() instanceof TimestampLogicalTypeAnnotation) {
          yield dialect.time;
        }
        yield type.getLogicalTypeAnnotation() == null ? "BIGINT" : dialect.id;
      }
    };
  }
}
