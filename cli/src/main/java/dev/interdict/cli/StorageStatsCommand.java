package dev.interdict.cli;

import dev.interdict.storage.ArchiveStats;
import dev.interdict.storage.ArchiveStats.TableStats;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
    name = "stats",
    description = "Files, rows, bytes and partitions of each table.",
    mixinStandardHelpOptions = true)
final class StorageStatsCommand implements Callable<Integer> {
  @Mixin private StorageOptions options;

  @Override
  public Integer call() throws IOException {
    List<TableStats> tables = ArchiveStats.of(options.catalog());
    Map<String, Object> object = new LinkedHashMap<>();
    for (TableStats table : tables) {
      Map<String, Object> values = new LinkedHashMap<>();
      values.put("files", table.files());
      values.put("rows", table.rows());
      values.put("bytes", table.bytes());
      values.put("bytes_per_row", table.bytesPerRow());
      values.put("partitions", table.partitions());
      values.put("first_partition", table.first());
      values.put("last_partition", table.last());
      values.put("unusable_files", table.unusable());
      object.put(table.table(), values);
    }
    options.print(object, () -> tables.forEach(this::line));
    return ExitCode.OK;
  }

  private void line(TableStats table) {
    options
        .out()
        .printf(
            "%-7s %d rows in %d files and %d partitions, %s, %.1f bytes a row%s%n",
            table.table(),
            table.rows(),
            table.files(),
            table.partitions(),
            StorageOptions.size(table.bytes()),
            table.bytesPerRow(),
            table.unusable() == 0 ? "" : ", " + table.unusable() + " files that are no part of it");
    if (table.first() != null) {
      options.out().printf("        %s to %s%n", table.first(), table.last());
    }
  }
}
