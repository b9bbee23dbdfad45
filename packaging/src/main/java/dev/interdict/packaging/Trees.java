package dev.interdict.packaging;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Folders and what is in them. */
final class Trees {
  private Trees() {}

  /** Every file below, links to files included, in the order of their names. */
  static List<Path> files(Path top) throws IOException {
    try (Stream<Path> entries = Files.walk(top)) {
      return entries.filter(Files::isRegularFile).sorted().toList();
    }
  }

  static void delete(Path top) throws IOException {
    if (!Files.exists(top)) {
      return;
    }
    try (Stream<Path> entries = Files.walk(top)) {
      for (Path entry : entries.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(entry);
      }
    }
  }
}
