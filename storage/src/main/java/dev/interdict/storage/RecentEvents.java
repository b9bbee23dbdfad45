package dev.interdict.storage;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * Events that the recorders have and the archive may not have yet, for a {@link Query} to join to
 * it; what is in both counts once. They lie in a directory that only its owner can read, until this
 * is closed. Any thread may append.
 */
public final class RecentEvents implements AutoCloseable {
  private final Path directory;
  private final Partition partition = new Partition();
  private String place;
  private OutputStream out;
  private EventParquetWriter writer;
  private int files;
  private long events;

  private RecentEvents(Path directory) {
    this.directory = directory;
  }

  public static RecentEvents create() throws IOException {
    return new RecentEvents(Files.createTempDirectory("interdict-recent"));
  }

  /** As {@link EventParquetWriter#append}, with the event's own time. */
  public synchronized void append(
      long nodeHi,
      long nodeLo,
      long epoch,
      long sequence,
      long time,
      byte[] event,
      int offset,
      int length)
      throws IOException {
    String at = partition.path(time, nodeHi);
    if (!at.equals(place)) {
      finish();
      Path file = catalog().events().resolve(at).resolve("recent-" + files++ + ".parquet");
      Files.createDirectories(file.getParent());
      out = new BufferedOutputStream(Files.newOutputStream(file));
      writer = EventParquetWriter.open(out);
      place = at;
    }
    writer.append(nodeHi, nodeLo, epoch, sequence, event, offset, length);
    events++;
  }

  public synchronized long events() {
    return events;
  }

  /** Only what was appended before can be asked about. */
  public synchronized void finish() throws IOException {
    if (writer != null) {
      writer.finish();
      out.close();
      writer = null;
      place = null;
    }
  }

  Catalog catalog() {
    return new Catalog(directory);
  }

  @Override
  public synchronized void close() throws IOException {
    if (out != null) {
      out.close();
    }
    try (Stream<Path> paths = Files.walk(directory)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
