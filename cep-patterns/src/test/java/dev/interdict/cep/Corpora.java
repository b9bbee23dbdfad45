package dev.interdict.cep;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The public corpora that are not part of the repository: below the system property or environment
 * variable INTERDICT_SHARED, or beside the repository in {@code ../shared}.
 */
public final class Corpora {
  private Corpora() {}

  public static Optional<Path> directory() {
    String named = System.getProperty("INTERDICT_SHARED", System.getenv("INTERDICT_SHARED"));
    Path shared = named == null ? besideRepository() : Path.of(named);
    return Optional.of(shared.resolve("corpora")).filter(Files::isDirectory);
  }

  private static Path besideRepository() {
    Path directory = Path.of("").toAbsolutePath();
    while (directory.getParent() != null && !Files.exists(directory.resolve(".git"))) {
      directory = directory.getParent();
    }
    return directory.resolveSibling("shared");
  }
}
