package dev.interdict.storage;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.schema.MessageType;

/** What is known of a table of files: columns, how they are laid out, and their order. */
enum ArchiveTable {
  EVENTS(
      EventColumns.TABLE,
      EventColumns.VERSION,
      EventColumns.SCHEMA,
      EventColumns.BLOOMED,
      EventColumns.ASCENDING,
      "node, epoch, sequence",
      List.of("date", "hour", "node_prefix")),
  ALERTS(
      AlertColumns.TABLE,
      AlertColumns.VERSION,
      AlertColumns.SCHEMA,
      AlertColumns.BLOOMED,
      List.of(),
      "time, id",
      List.of("date"));

  private final String title;
  private final int version;
  private final MessageType schema;
  private final List<String> bloomed;
  private final List<String> ascending;
  private final String order;
  private final List<String> partitionKeys;

  ArchiveTable(
      String title,
      int version,
      MessageType schema,
      List<String> bloomed,
      List<String> ascending,
      String order,
      List<String> partitionKeys) {
    this.title = title;
    this.version = version;
    this.schema = schema;
    this.bloomed = bloomed;
    this.ascending = ascending;
    this.order = order;
    this.partitionKeys = partitionKeys;
  }

  String title() {
    return title;
  }

  MessageType schema() {
    return schema;
  }

  /** As SQL has it after ORDER BY. */
  String order() {
    return order;
  }

  /** The columns that are names of directories, the outermost first. */
  List<String> partitionKeys() {
    return partitionKeys;
  }

  Path directory(Catalog catalog) {
    return this == EVENTS ? catalog.events() : catalog.alerts();
  }

  /** Null where the file may be read as one of this table, otherwise the reason why not. */
  String fault(Path file) throws IOException {
    return ArchiveFile.fault(file, title, version);
  }

  <T> ParquetWriter<T> open(OutputStream out, Rows<T> rows) throws IOException {
    return ParquetFiles.open(out, schema, rows, bloomed, ascending);
  }

  /** Lays values of a type into the columns of a table, and says in the footer which it is. */
  abstract static class Rows<T> extends WriteSupport<T> {
    private final ArchiveTable table;

    Rows(ArchiveTable table) {
      this.table = table;
    }

    @Override
    public final String getName() {
      return "interdict";
    }

    @Deprecated // in Parquet too, but still abstract there
    @Override
    public final WriteContext init(Configuration configuration) {
      return context();
    }

    @Override
    public final WriteContext init(ParquetConfiguration configuration) {
      return context();
    }

    private WriteContext context() {
      return new WriteContext(
          table.schema,
          Map.of(
              ParquetFiles.TABLE_KEY,
              table.title,
              ParquetFiles.SCHEMA_KEY,
              Integer.toString(table.version)));
    }
  }
}
