package dev.interdict.cli;

import dev.interdict.storage.ArchiveStats;
import dev.interdict.storage.Catalog;
import dev.interdict.storage.Compaction;
import dev.interdict.storage.Retention;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One round of what keeps an archive in order. Retention comes first, for it makes the room that
 * compaction needs.
 */
public final class ArchiveUpkeep {
  static final String DEFAULT_AGE = "90d";
  private static final Logger LOG = LoggerFactory.getLogger(ArchiveUpkeep.class);

  private ArchiveUpkeep() {}

  /** Runs in this process, with the defaults, until it is closed. */
  public static Closeable every(Path data, Duration period) {
    ScheduledExecutorService timer =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "archive-upkeep");
              thread.setDaemon(true);
              return thread;
            });
    long seconds = period.toSeconds();
    var unused =
        timer.scheduleWithFixedDelay(() -> runByDefault(data), seconds, seconds, TimeUnit.SECONDS);
    return timer::shutdownNow;
  }

  private static void runByDefault(Path data) {
    try {
      if (Files.isDirectory(data)) {
        Catalog catalog = new Catalog(data.toRealPath());
        Duration around = StorageOptions.duration("--around", RetentionOptions.DEFAULT_AROUND);
        run(
            catalog,
            StorageOptions.duration("--age", DEFAULT_AGE),
            0,
            Retention.incidents(catalog, around),
            LOG::info);
      }
    } catch (IOException | RuntimeException e) { // the next round may do what this one could not
      LOG.warn("upkeep of {} failed", data, e);
    }
  }

  /**
   * @param bytes 0: no limit
   */
  static void run(
      Catalog catalog, Duration age, long bytes, List<Retention.Hold> held, Consumer<String> told)
      throws IOException {
    Retention.Result retained =
        Retention.run(catalog, Instant.now(), age, bytes, held, false, line -> {});
    told.accept(
        "retained: "
            + retained.files()
            + " files of "
            + retained.partitions()
            + " partitions deleted, "
            + StorageOptions.size(retained.bytes())
            + "; "
            + retained.held()
            + " partitions held; "
            + StorageOptions.size(retained.kept())
            + " kept"
            + (bytes > 0 && retained.kept() > bytes ? ", more than --size: it is held" : ""));
    Compaction.Result compacted = new Compaction(catalog).run(Instant.now(), line -> {});
    told.accept(
        "compacted: "
            + compacted.files()
            + " files of "
            + compacted.partitions()
            + " partitions, "
            + compacted.rows()
            + " rows; "
            + compacted.deleted()
            + " old files deleted");
    for (ArchiveStats.TableStats table : ArchiveStats.of(catalog)) {
      told.accept(
          table.table()
              + ": "
              + table.rows()
              + " rows in "
              + table.files()
              + " files, "
              + StorageOptions.size(table.bytes()));
    }
  }
}
