package dev.interdict.cli.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The directory that a demo works in. It names its owner by pid and start time, so that the next
 * run can tell one that is still in use from one that a kill left behind.
 */
final class DemoDirectory implements AutoCloseable {
  private static final String PREFIX = "interdict-demo-";
  private static final String OWNER = "owner";

  private final Path path;

  private DemoDirectory(Path path) {
    this.path = path;
  }

  static DemoDirectory create(Path parent) throws IOException {
    Path path = Files.createTempDirectory(parent, PREFIX);
    Files.writeString(path.resolve(OWNER), identity(ProcessHandle.current()).orElseThrow());
    return new DemoDirectory(path);
  }

  /** Removes the directories of demos that are gone; returns which. */
  static List<Path> sweep(Path parent) throws IOException {
    List<Path> left;
    try (Stream<Path> entries = Files.list(parent)) {
      left =
          entries
              .filter(entry -> entry.getFileName().toString().startsWith(PREFIX))
              .filter(Files::isDirectory)
              .toList();
    }
    List<Path> swept = new ArrayList<>();
    for (Path directory : left) {
      if (!inUse(directory)) {
        deleteTree(directory);
        swept.add(directory);
      }
    }
    return swept;
  }

  private static boolean inUse(Path directory) throws IOException {
    Path owner = directory.resolve(OWNER);
    if (!Files.isRegularFile(owner)) {
      return false;
    }
    String named = Files.readString(owner);
    int colon = named.indexOf(':');
    if (colon < 0) {
      return false;
    }
    return ProcessHandle.of(Long.parseLong(named.substring(0, colon)))
        .flatMap(DemoDirectory::identity)
        .filter(named::equals)
        .isPresent();
  }

  private static Optional<String> identity(ProcessHandle process) {
    return process.info().startInstant().map(start -> process.pid() + ":" + start.toEpochMilli());
  }

  Path path() {
    return path;
  }

  @Override
  public void close() throws IOException {
    deleteTree(path);
  }

  private static void deleteTree(Path root) throws IOException {
    try (Stream<Path> tree = Files.walk(root)) {
      for (Path entry : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(entry);
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }
}
