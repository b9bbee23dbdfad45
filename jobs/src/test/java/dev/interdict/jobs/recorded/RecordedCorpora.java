package dev.interdict.jobs.recorded;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Public recordings that are not part of the repository: below the system property or environment
 * variable INTERDICT_SHARED, or beside the repository in {@code ../shared}.
 */
final class RecordedCorpora {
  private RecordedCorpora() {}

  /** Skips the test where there are none. */
  static Path directory() {
    String named = System.getProperty("INTERDICT_SHARED", System.getenv("INTERDICT_SHARED"));
    Path corpora = (named == null ? besideRepository() : Path.of(named)).resolve("corpora");
    assumeTrue(
        Files.isDirectory(corpora), "no corpora: set INTERDICT_SHARED or put them into ../shared");
    return corpora;
  }

  private static Path besideRepository() {
    Path directory = Path.of("").toAbsolutePath();
    while (directory.getParent() != null && !Files.exists(directory.resolve(".git"))) {
      directory = directory.getParent();
    }
    return directory.resolveSibling("shared");
  }
}
