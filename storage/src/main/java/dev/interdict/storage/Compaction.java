package dev.interdict.storage;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.schema.MessageType;

/**
 * Makes one sorted file of the small ones of a partition. A reader sees either them or it: the file
 * appears by a rename, with a {@link Replacement} beside it; what it replaces is deleted once no
 * question that began before still reads it.
 */
public final class Compaction {
  /** Files that large are left as they are. */
  public static final long DEFAULT_TARGET_BYTES = 128L << 20;

  public static final int DEFAULT_MIN_FILES = 4;
  public static final Duration DEFAULT_GRACE = Duration.ofMinutes(10);

  private static final String PREFIX = "compact-";
  private static final String UNFINISHED = ".inprogress";

  /**
   * @param files that were replaced
   * @param deleted files that an earlier run had replaced
   */
  public record Result(
      int partitions, int files, long rows, long bytesBefore, long bytesAfter, int deleted) {}

  private final Catalog catalog;
  private final int minFiles;
  private final long targetBytes;
  private final Duration grace;

  public Compaction(Catalog catalog) {
    this(catalog, DEFAULT_MIN_FILES, DEFAULT_TARGET_BYTES, DEFAULT_GRACE);
  }

  public Compaction(Catalog catalog, int minFiles, long targetBytes, Duration grace) {
    if (minFiles < 2) {
      throw new IllegalArgumentException("invalid min-files=" + minFiles + ", must be at least 2");
    }
    this.catalog = catalog;
    this.minFiles = minFiles;
    this.targetBytes = targetBytes;
    this.grace = grace;
  }

  /**
   * @throws NoRoomException where the disk is too full for a partition; those before it are done
   */
  public Result run(Instant now, Consumer<String> progress) throws IOException {
    try (UpkeepLock lock = UpkeepLock.take(catalog, "compaction")) {
      return locked(now, progress);
    }
  }

  private Result locked(Instant now, Consumer<String> progress) throws IOException {
    for (ArchiveTable table : ArchiveTable.values()) {
      Catalog.sweepUnfinished(table.directory(catalog), PREFIX, UNFINISHED);
    }
    int deleted = deleteReplaced(now);
    int partitions = 0;
    int files = 0;
    long rows = 0;
    long before = 0;
    long after = 0;
    for (ArchiveTable table : ArchiveTable.values()) {
      for (Map.Entry<Path, List<Path>> partition : small(table).entrySet()) {
        long size = 0;
        for (Path file : partition.getValue()) {
          size += Files.size(file);
        }
        room(partition.getKey(), size, null);
        progress.accept(
            table.directory(catalog).relativize(partition.getKey())
                + ": "
                + partition.getValue().size());
        Path compacted = partition.getKey().resolve(PREFIX + UUID.randomUUID() + ".parquet");
        try {
          rows += compact(table, partition.getValue(), compacted);
        } catch (IOException | RuntimeException e) {
          Files.deleteIfExists(hidden(compacted));
          Files.deleteIfExists(Replacement.of(compacted));
          room(partition.getKey(), size, e);
          throw e;
        }
        before += size;
        after += Files.size(compacted);
        partitions++;
        files += partition.getValue().size();
      }
    }
    if (grace.isZero()) {
      deleted += deleteReplaced(now);
    }
    return new Result(partitions, files, rows, before, after, deleted);
  }

  private Map<Path, List<Path>> small(ArchiveTable table) throws IOException {
    Map<Path, List<Path>> partitions = new TreeMap<>();
    for (Path file : Catalog.files(table.directory(catalog))) {
      if (table.fault(file) == null && Files.size(file) < targetBytes) {
        partitions.computeIfAbsent(file.getParent(), any -> new ArrayList<>()).add(file);
      }
    }
    partitions.values().removeIf(files -> files.size() < minFiles);
    return partitions;
  }

  /** What is compacted is at most as large as what it is made of. */
  private static void room(Path directory, long needed, Throwable cause) throws IOException {
    long free = Files.getFileStore(directory).getUsableSpace();
    if (free < needed) {
      throw new NoRoomException(directory, needed, free, cause);
    }
  }

  private static Path hidden(Path target) {
    return target.resolveSibling("." + target.getFileName() + UNFINISHED);
  }

  private long compact(ArchiveTable table, List<Path> files, Path target) throws IOException {
    Path hidden = hidden(target);
    long rows =
        Engine.run(
            catalog.data().resolve(".spill"), statement -> write(statement, table, files, hidden));
    try (FileChannel channel = FileChannel.open(hidden, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
    Replacement.write(target, files);
    Files.move(hidden, target, StandardCopyOption.ATOMIC_MOVE);
    return rows;
  }

  private static long write(Statement statement, ArchiveTable table, List<Path> files, Path hidden)
      throws SQLException, IOException {
    String from =
        "read_parquet(" + Engine.list(files) + ", union_by_name = true, hive_partitioning = false)";
    MessageType schema = table.schema();
    refuseUnknownColumns(statement, from, schema, hidden.getParent());
    long before = count(statement, from);
    String sql =
        "SELECT "
            + ArchivedRows.columns(schema)
            + " FROM (SELECT "
            + Tables.absent(schema)
            + " WHERE false UNION ALL BY NAME SELECT * FROM "
            + from
            + ") ORDER BY "
            + table.order();
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(hidden));
        ResultSet rows = statement.executeQuery(sql)) {
      ParquetWriter<ResultSet> writer = table.open(out, new ArchivedRows(table));
      while (rows.next()) {
        writer.write(rows);
      }
      writer.close(); // not where it failed, for then it would write a footer
    }
    long after = count(statement, "read_parquet([" + Tables.literal(hidden.toString()) + "])");
    String fault = table.fault(hidden);
    if (before != after || fault != null) {
      throw new IOException(
          "compacted file " + hidden + " is wrong: rows=" + after + " of " + before + " " + fault);
    }
    return after;
  }

  /** They would be lost: files of a newer version wait for a compaction by that version. */
  private static void refuseUnknownColumns(
      Statement statement, String from, MessageType schema, Path directory)
      throws SQLException, IOException {
    try (ResultSet columns = statement.executeQuery("DESCRIBE SELECT * FROM " + from)) {
      while (columns.next()) {
        if (!schema.containsField(columns.getString(1))) {
          throw new IOException(
              "column="
                  + columns.getString(1)
                  + " in "
                  + directory
                  + " is not known here: compact it with the version that wrote it");
        }
      }
    }
  }

  private static long count(Statement statement, String from) throws SQLException {
    try (ResultSet rows = statement.executeQuery("SELECT count(*) FROM " + from)) {
      rows.next();
      return rows.getLong(1);
    }
  }

  private int deleteReplaced(Instant now) throws IOException {
    int deleted = 0;
    for (ArchiveTable table : ArchiveTable.values()) {
      for (Path note : Catalog.replacements(table.directory(catalog))) {
        if (!grace.isZero()
            && Files.getLastModifiedTime(note).toInstant().plus(grace).isAfter(now)) {
          continue;
        }
        // Without its file the compaction ended before the switch, and nothing is replaced.
        if (Files.exists(Replacement.target(note))) {
          for (Path file : Replacement.replaced(note)) {
            deleted += Files.deleteIfExists(file) ? 1 : 0;
          }
        }
        Files.deleteIfExists(note);
      }
    }
    return deleted;
  }
}
