package dev.interdict.storage;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * The tables below a data directory: {@code events/date=…/hour=…/node_prefix=…/*.parquet} and
 * {@code alerts/date=…/*.parquet}. A file is hidden, with a dot or an underscore before its name,
 * until it is finished. Symbolic links are not followed.
 */
public record Catalog(Path data) {
  public static final String FILE_PREFIX = "part";
  public static final String FILE_SUFFIX = ".parquet";

  public Path events() {
    return data.resolve("events");
  }

  public Path alerts() {
    return data.resolve("alerts");
  }

  /**
   * Finished files of a table in path order, without those that a compacted file stands for; none
   * where the table does not exist yet.
   */
  public static List<Path> files(Path table) throws IOException {
    Set<Path> files = new TreeSet<>();
    List<Path> replacements = new ArrayList<>();
    walk(
        table,
        (file, attributes) -> {
          if (!isHidden(file) && file.toString().endsWith(FILE_SUFFIX)) {
            files.add(file);
          } else if (Replacement.is(file)) {
            replacements.add(file);
          }
        });
    for (Path replacement : replacements) {
      if (files.contains(Replacement.target(replacement))) {
        Replacement.replaced(replacement).forEach(files::remove);
      }
    }
    return new ArrayList<>(files);
  }

  /** What {@link Replacement} left in a table. */
  static List<Path> replacements(Path table) throws IOException {
    List<Path> replacements = new ArrayList<>();
    walk(
        table,
        (file, attributes) -> {
          if (Replacement.is(file)) {
            replacements.add(file);
          }
        });
    return replacements;
  }

  /**
   * Deletes hidden files last written before that time and returns them. A file that a checkpoint
   * still wants to commit is hidden too: call it only when no job will restore from one, or with a
   * time older than any checkpoint that is kept.
   */
  public static List<Path> sweep(Path table, Instant before) throws IOException {
    List<Path> swept = new ArrayList<>();
    walk(
        table,
        (file, attributes) -> {
          if (isHidden(file)
              && !Replacement.is(file)
              && attributes.lastModifiedTime().toInstant().isBefore(before)
              && Files.deleteIfExists(file)) {
            swept.add(file);
          }
        });
    return swept;
  }

  /** What an upkeep that was killed left behind; the caller holds the {@link UpkeepLock}. */
  static void sweepUnfinished(Path table, String prefix, String suffix) throws IOException {
    walk(
        table,
        (file, attributes) -> {
          String name = file.getFileName().toString();
          if (name.startsWith("." + prefix) && name.endsWith(suffix)) {
            Files.deleteIfExists(file);
          }
        });
  }

  private static boolean isHidden(Path path) {
    String name = path.getFileName().toString();
    return name.startsWith(".") || name.startsWith("_");
  }

  private interface FileAction {
    void accept(Path file, BasicFileAttributes attributes) throws IOException;
  }

  /** Files may come and go meanwhile: compaction replaces them, the archive job finishes them. */
  private static void walk(Path table, FileAction action) throws IOException {
    if (!Files.isDirectory(table, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    Files.walkFileTree(
        table,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
            return !directory.equals(table) && isHidden(directory)
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            if (attributes.isRegularFile()) {
              action.accept(file, attributes);
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
            if (e instanceof NoSuchFileException) {
              return FileVisitResult.CONTINUE;
            }
            throw e;
          }
        });
  }
}
