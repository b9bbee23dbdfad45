package dev.interdict.benchmarks;

import dev.interdict.schema.Event;
import dev.interdict.storage.Catalog;
import dev.interdict.storage.Column;
import dev.interdict.storage.EventParquetWriter;
import dev.interdict.storage.Partition;
import dev.interdict.storage.Query;
import dev.interdict.storage.QueryLimits;
import dev.interdict.storage.RowSink;
import dev.interdict.storage.SampleEvents;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What the archive costs to write and to ask, against JSON lines and one unsorted file. */
final class StorageSubject implements Subject {
  private static final long DAY_NANOS = 86_400_000_000_000L;
  private static final long START = 1_795_305_600_000_000_000L;

  /** A node that is busy all day; fewer rows are a part of a day. */
  private static final long STEP = 3_456_000;

  private static final int NODES = 4;
  private static final int BATCH = 10_000;
  private static final long ROWS = 100_000_000;
  private static final long QUICK_ROWS = 40_000;

  /** JSON of all of them would not fit a small disk. */
  private static final long PEER_ROWS = 5_000_000;

  private static final int WARM_RUNS = 5;

  private long cpuNanos;
  private String needleProcess;
  private String needlePath;
  private String needleAddress;

  @Override
  public String name() {
    return "storage";
  }

  @Override
  public String about() {
    return "the archive written and asked, against zstd JSON lines and one unsorted Parquet file";
  }

  @Override
  public List<String> cases() {
    return List.of("write", "needle", "day");
  }

  @Override
  public void measure(Table table, Settings settings) throws Exception {
    long rows = settings.rows(settings.quick() ? QUICK_ROWS : ROWS);
    Path directory = Files.createTempDirectory("interdict-storage");
    try {
      Path data = Files.createDirectories(directory.resolve("archive"));
      write(data, rows);
      long bytes = size(new Catalog(data).events());
      if (settings.wants("write")) {
        table.ours("write", "rows_per_second_per_core", rows * 1e9 / cpuNanos, "rows/s");
        table.ours("write", "bytes_per_event", (double) bytes / rows, "B");
      }
      if (settings.wants("needle")) {
        ask(table, data, "needle", "process", needle("process_id", needleProcess));
        ask(table, data, "needle", "path", needle("file_path", needlePath));
        ask(table, data, "needle", "address", needle("connection_remote_address", needleAddress));
      }
      if (settings.wants("day")) {
        ask(table, data, "day", "image", groupBy("events"));
      }
      peers(table, settings, data, directory, Math.min(rows, PEER_ROWS), rows);
      table.note(rows + " generated events of " + NODES + " nodes");
    } finally {
      ThrowAway.delete(directory);
    }
  }

  private void write(Path data, long rows) throws IOException {
    long each = rows / NODES;
    for (int node = 0; node < NODES; node++) {
      long hi = (node + 1L) << 40;
      SampleEvents source =
          new SampleEvents(node, 0.7, START, Math.min(STEP, DAY_NANOS / Math.max(1, each)));
      Partition partition = new Partition();
      String place = null;
      OutputStream out = null;
      EventParquetWriter writer = null;
      List<byte[]> batch = new ArrayList<>();
      List<Long> times = new ArrayList<>();
      for (long sequence = 1; sequence <= each; ) {
        batch.clear();
        times.clear();
        for (int i = 0; i < BATCH && sequence + i <= each; i++) {
          Event event = source.next();
          remember(event);
          batch.add(event.toByteArray());
          times.add(event.getTime());
        }
        long began = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        for (int i = 0; i < batch.size(); i++) {
          String at = partition.path(times.get(i), hi);
          if (!at.equals(place)) {
            close(writer, out);
            Path file = new Catalog(data).events().resolve(at).resolve("part-0.parquet");
            Files.createDirectories(file.getParent());
            out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16);
            writer = EventParquetWriter.open(out);
            place = at;
          }
          byte[] bytes = batch.get(i);
          writer.append(hi, node, 1, sequence++, bytes, 0, bytes.length);
        }
        cpuNanos += ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - began;
      }
      long began = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
      close(writer, out);
      cpuNanos += ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - began;
    }
  }

  private static void close(EventParquetWriter writer, OutputStream out) throws IOException {
    if (writer != null) {
      writer.finish();
      out.close();
    }
  }

  /** The last of each, so that a search cannot end early. */
  private void remember(Event event) {
    needleProcess = Long.toUnsignedString(event.getProcess().getId());
    if (event.hasOpen() && event.getOpen().getPath().endsWith(".tmp")) {
      needlePath = "'" + event.getOpen().getPath() + "'";
    }
    if (event.hasConnect()) {
      needleAddress = "'" + event.getConnect().getRemoteAddress() + "'";
    }
  }

  private static String needle(String column, String value) {
    return "SELECT time, kind, process_exe FROM events WHERE " + column + " = " + value;
  }

  private static String groupBy(String table) {
    return "SELECT process_exe, count(*) FROM " + table + " GROUP BY process_exe";
  }

  private static void ask(Table table, Path data, String subcase, String what, String sql)
      throws Exception {
    double[] warm = new double[WARM_RUNS];
    try (Query query =
        Query.open(
            data,
            new QueryLimits(
                Duration.ofMinutes(10), 2L << 30, Runtime.getRuntime().availableProcessors()))) {
      double first = millis(() -> query.run(sql, new Discard()));
      for (int i = 0; i < warm.length; i++) {
        warm[i] = millis(() -> query.run(sql, new Discard()));
      }
      table.ours(subcase + "_" + what, metric(subcase) + "_first", first, "ms");
    }
    table.ours(subcase + "_" + what, metric(subcase), median(warm), "ms");
  }

  private static String metric(String subcase) {
    return subcase.equals("day") ? "day_group_ms" : "needle_ms";
  }

  private void peers(
      Table table, Settings settings, Path data, Path directory, long peerRows, long rows)
      throws Exception {
    Path json = directory.resolve("events.json.zst");
    Path unsorted = directory.resolve("unsorted.parquet");
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        Statement sql = connection.createStatement()) {
      sql.execute("SET temp_directory = '" + directory.resolve("spill") + "'");
      sql.execute("SET memory_limit = '8GiB'");
      sql.execute("SET preserve_insertion_order = false");
      String from =
          "(SELECT * FROM read_parquet('"
              + data
              + "/events/*/*/*/part-*.parquet', hive_partitioning = false) LIMIT "
              + peerRows
              + ")";
      sql.execute("COPY " + from + " TO '" + json + "' (FORMAT json, COMPRESSION zstd)");
      sql.execute(
          "COPY (SELECT * FROM "
              + from
              + " ORDER BY hash(node, sequence)) TO '"
              + unsorted
              + "' (FORMAT parquet)");
      for (String[] peer :
          new String[][] {
            {"json_zstd", "read_json('" + json + "', union_by_name = true)"},
            {"unsorted_parquet", "read_parquet('" + unsorted + "')"}
          }) {
        String label = peerRows == rows ? peer[0] : peer[0] + ", " + peerRows + " rows";
        boolean whole = peerRows == rows;
        double bytes =
            (double) Files.size(peer[0].equals("json_zstd") ? json : unsorted) / peerRows;
        if (settings.wants("write")) {
          put(table, whole, "write", "bytes_per_event", bytes, "B", label);
        }
        if (settings.wants("needle")) {
          time(
              table,
              whole,
              sql,
              label,
              "needle_process",
              "needle_ms",
              search(peer[1], "process_id", needleProcess));
          time(
              table,
              whole,
              sql,
              label,
              "needle_path",
              "needle_ms",
              search(peer[1], "file_path", needlePath));
          time(
              table,
              whole,
              sql,
              label,
              "needle_address",
              "needle_ms",
              search(peer[1], "connection_remote_address", needleAddress));
        }
        if (settings.wants("day")) {
          time(table, whole, sql, label, "day_image", "day_group_ms", groupBy(peer[1]));
        }
      }
    }
  }

  private static String search(String table, String column, String value) {
    return "SELECT time, kind, process_exe FROM " + table + " WHERE " + column + " = " + value;
  }

  private static void time(
      Table table,
      boolean whole,
      Statement statement,
      String label,
      String subcase,
      String metric,
      String sql)
      throws Exception {
    double[] runs = new double[3];
    for (int i = 0; i < runs.length; i++) {
      runs[i] = millis(() -> drain(statement, sql));
    }
    put(table, whole, subcase, metric, median(runs), "ms", label);
  }

  private static void put(
      Table table,
      boolean whole,
      String subcase,
      String metric,
      double value,
      String unit,
      String label) {
    if (whole) {
      table.peer(subcase, metric, value, unit, label);
    } else {
      table.published(subcase, metric, value, unit, label);
    }
  }

  private static void drain(Statement statement, String sql) throws SQLException {
    try (ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        rows.getObject(1);
      }
    }
  }

  private interface Timed {
    void run() throws Exception;
  }

  private static double millis(Timed timed) throws Exception {
    long began = System.nanoTime();
    timed.run();
    return (System.nanoTime() - began) / 1e6;
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  private static long size(Path directory) throws IOException {
    long bytes = 0;
    for (Path file : Catalog.files(directory)) {
      bytes += Files.size(file);
    }
    return bytes;
  }

  private static final class Discard implements RowSink {
    @Override
    public void begin(List<Column> columns) {}

    @Override
    public void row(Object[] values) {}

    @Override
    public void end() {}
  }
}
