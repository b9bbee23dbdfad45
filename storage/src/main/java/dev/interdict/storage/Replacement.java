package dev.interdict.storage;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * The hidden note beside a compacted file of which files it stands for. It is there before that
 * file appears, so that the rename by which it appears is the switch; it goes after the others are
 * gone.
 */
final class Replacement {
  private static final String SUFFIX = ".replaces";

  private Replacement() {}

  static boolean is(Path file) {
    String name = file.getFileName().toString();
    return name.startsWith(".") && name.endsWith(SUFFIX);
  }

  static Path of(Path target) {
    return target.resolveSibling("." + target.getFileName() + SUFFIX);
  }

  static Path target(Path replacement) {
    String name = replacement.getFileName().toString();
    return replacement.resolveSibling(name.substring(1, name.length() - SUFFIX.length()));
  }

  static void write(Path target, List<Path> replaced) throws IOException {
    List<String> names = replaced.stream().map(file -> file.getFileName().toString()).toList();
    Files.write(of(target), names, StandardCharsets.UTF_8);
    try (FileChannel note = FileChannel.open(of(target), StandardOpenOption.WRITE)) {
      note.force(true); // before the rename that makes it count
    }
  }

  /** Files of the same directory only, whatever the note says; none if it has gone meanwhile. */
  static List<Path> replaced(Path replacement) throws IOException {
    try {
      return Files.readAllLines(replacement, StandardCharsets.UTF_8).stream()
          .filter(name -> !name.contains("/") && name.endsWith(Catalog.FILE_SUFFIX))
          .map(replacement::resolveSibling)
          .toList();
    } catch (NoSuchFileException e) {
      return List.of();
    }
  }
}
