package dev.interdict.jobs.archive;

import dev.interdict.storage.Catalog;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.StandardCopyOption;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;

/**
 * Brings a directory to what an archive in an object store holds, of some days: fetches what is
 * new, deletes what is there no more. A file of an archive never changes, so that name and size
 * tell whether it is here.
 */
public final class ArchiveFetch {
  private static final List<String> TABLES = List.of("events", "alerts");
  private static final String DATE = "date=";
  private static final int AT_ONCE = 8;
  private static final String PARTIAL = ".fetching";
  private static final String MARKER = ".fetched-from";

  /**
   * @param files that are here now
   * @param fetched of them, just now
   */
  public record Result(int files, long bytes, int fetched, long fetchedBytes, int deleted) {}

  private record Listed(Path path, long size) {}

  private final URI archive;
  private final Catalog to;
  private final LocalDate from;
  private final LocalDate until;

  /**
   * @param from the first day, in UTC; null: all that are before {@code until}
   * @param until the last day; null: all from {@code from} on
   */
  public ArchiveFetch(URI archive, Catalog to, LocalDate from, LocalDate until) {
    this.archive = archive;
    this.to = to;
    this.from = from;
    this.until = until;
  }

  /** Once, before the first: Flink's own keys, such as {@code s3.endpoint}. */
  public static void configure(Map<String, String> settings) {
    FileSystem.initialize(Configuration.fromMap(settings), null);
  }

  /**
   * @param maxBytes of all that would be here; more is refused before anything is fetched
   */
  public Result run(long maxBytes, Consumer<String> progress) throws IOException {
    own();
    FileSystem store = FileSystem.get(archive);
    ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE);
    try {
      Map<String, Listed> wanted = list(store, threads, progress);
      long bytes = wanted.values().stream().mapToLong(Listed::size).sum();
      if (bytes > maxBytes) {
        throw new IOException(
            "%d files with %d bytes are more than the limit=%d: fetch fewer days, or raise it"
                .formatted(wanted.size(), bytes, maxBytes));
      }
      int deleted = delete(wanted);
      return fetch(store, wanted, bytes, deleted, threads, progress);
    } finally {
      threads.shutdownNow();
    }
  }

  /** What this did not fetch it must not delete: an archive of this host, for one. */
  private void own() throws IOException {
    java.nio.file.Path marker = to.data().resolve(MARKER);
    if (Files.exists(marker)) {
      String other = Files.readString(marker).strip();
      if (!other.equals(archive.toString())) {
        throw new IOException(to.data() + " holds what was fetched from " + other);
      }
      return;
    }
    try (Stream<java.nio.file.Path> entries = Files.list(to.data())) {
      if (entries.findAny().isPresent()) {
        throw new IOException(to.data() + " was not fetched and is not empty: name another");
      }
    }
    Files.writeString(marker, archive + "\n");
  }

  private Map<String, Listed> list(
      FileSystem store, ExecutorService threads, Consumer<String> progress) throws IOException {
    Path root = new Path(archive);
    Map<String, Listed> files = new TreeMap<>();
    List<Path> directories = new ArrayList<>();
    TABLES.forEach(table -> directories.add(new Path(root, table)));
    // One level after the other, for an object store answers slowly.
    while (!directories.isEmpty()) {
      List<Future<FileStatus[]>> listings = new ArrayList<>();
      for (Path directory : directories) {
        listings.add(threads.submit(() -> statuses(store, directory)));
      }
      directories.clear();
      for (Future<FileStatus[]> listing : listings) {
        for (FileStatus status : get(listing)) {
          String name = status.getPath().getName();
          if (status.isDir() && isAsked(name)) {
            directories.add(status.getPath());
          } else if (!status.isDir() && isFinished(name)) {
            files.put(
                relative(root, status.getPath()), new Listed(status.getPath(), status.getLen()));
          }
        }
      }
      progress.accept(files.size() + " files are listed");
    }
    return files;
  }

  /** None where there is no such directory, which an object store may tell in either way. */
  private static FileStatus[] statuses(FileSystem store, Path directory) throws IOException {
    try {
      FileStatus[] found = store.listStatus(directory);
      return found == null ? new FileStatus[0] : found;
    } catch (FileNotFoundException e) {
      return new FileStatus[0];
    }
  }

  private boolean isAsked(String directory) {
    if (!directory.startsWith(DATE)) {
      return !isHidden(directory);
    }
    try {
      LocalDate date = LocalDate.parse(directory.substring(DATE.length()));
      return (from == null || !date.isBefore(from)) && (until == null || !date.isAfter(until));
    } catch (DateTimeParseException e) {
      return false;
    }
  }

  private static boolean isFinished(String name) {
    return name.endsWith(Catalog.FILE_SUFFIX) && !isHidden(name);
  }

  private static boolean isHidden(String name) {
    return name.startsWith(".") || name.startsWith("_");
  }

  /** Refuses a name that would lead out of the directory. */
  private static String relative(Path root, Path file) throws IOException {
    String base = root.getPath().endsWith("/") ? root.getPath() : root.getPath() + "/";
    String path = file.getPath();
    String name = path.startsWith(base) ? path.substring(base.length()) : "";
    if (name.isEmpty() || List.of(name.split("/")).contains("..")) {
      throw new IOException("the store lists " + path + ", which is not below " + base);
    }
    return name;
  }

  /** Also days that are not asked for any more. */
  private int delete(Map<String, Listed> wanted) throws IOException {
    int deleted = 0;
    for (java.nio.file.Path table : List.of(to.events(), to.alerts())) {
      for (java.nio.file.Path file : Catalog.files(table)) {
        if (!wanted.containsKey(to.data().relativize(file).toString())) {
          deleted += Files.deleteIfExists(file) ? 1 : 0;
        }
      }
    }
    return deleted;
  }

  private Result fetch(
      FileSystem store,
      Map<String, Listed> wanted,
      long bytes,
      int deleted,
      ExecutorService threads,
      Consumer<String> progress)
      throws IOException {
    AtomicInteger done = new AtomicInteger();
    List<Future<Long>> copies = new ArrayList<>();
    for (Map.Entry<String, Listed> each : wanted.entrySet()) {
      java.nio.file.Path file = to.data().resolve(each.getKey());
      if (!Files.exists(file) || Files.size(file) != each.getValue().size()) {
        copies.add(
            threads.submit(
                () -> {
                  long copied = copy(store, each.getValue(), file);
                  progress.accept(done.incrementAndGet() + " files are fetched");
                  return copied;
                }));
      }
    }
    long fetched = 0;
    for (Future<Long> copy : copies) {
      fetched += get(copy);
    }
    return new Result(wanted.size(), bytes, copies.size(), fetched, deleted);
  }

  private static long copy(FileSystem store, Listed from, java.nio.file.Path file)
      throws IOException {
    Files.createDirectories(file.getParent());
    java.nio.file.Path partial = file.resolveSibling("." + file.getFileName() + PARTIAL);
    try (FSDataInputStream in = store.open(from.path())) {
      long copied = Files.copy(in, partial, StandardCopyOption.REPLACE_EXISTING);
      if (copied != from.size()) {
        throw new IOException(
            "%s has %d bytes and not the %d that were listed"
                .formatted(from.path(), copied, from.size()));
      }
      Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE);
      return copied;
    } catch (IOException | RuntimeException e) {
      Files.deleteIfExists(partial);
      throw e;
    }
  }

  private static <T> T get(Future<T> future) throws IOException {
    try {
      return future.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException failure) {
        throw failure;
      }
      if (e.getCause() instanceof UncheckedIOException failure) {
        throw failure.getCause();
      }
      throw new IOException(String.valueOf(e.getCause().getMessage()), e.getCause());
    }
  }
}
