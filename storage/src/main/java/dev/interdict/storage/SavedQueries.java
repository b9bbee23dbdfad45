package dev.interdict.storage;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Questions by name: those that ship, and the {@code .sql} files of a directory, which come first.
 * A question begins with a comment that says what it asks, and one for its parameters.
 */
public final class SavedQueries {
  /** What ships, in the order of docs/forensics.md. */
  static final List<String> SHIPPED =
      List.of(
          "story",
          "process-tree",
          "what-ran",
          "who-talked-to",
          "who-wrote",
          "first-seen",
          "new-programs",
          "dropped-and-run",
          "shells-on-sockets",
          "became-root",
          "sensitive-reads",
          "logins",
          "listening",
          "sent-out",
          "not-seen");

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_-]{0,63}");
  private static final String SUFFIX = ".sql";
  private static final int MAX_BYTES = 1 << 20;

  private final Path directory;

  /**
   * @param directory of a user's own questions; may be absent, or null
   */
  public SavedQueries(Path directory) {
    this.directory = directory;
  }

  public String text(String name) throws QueryException, IOException {
    if (NAME.matcher(name).matches()) {
      Path file = directory == null ? null : directory.resolve(name + SUFFIX);
      if (file != null && Files.isRegularFile(file)) {
        if (Files.size(file) > MAX_BYTES) {
          throw new QueryException(
              QueryException.Reason.QUESTION,
              file + " is no question: size=" + Files.size(file) + " limit=" + MAX_BYTES);
        }
        return Files.readString(file, StandardCharsets.UTF_8);
      }
      if (SHIPPED.contains(name)) {
        return Resources.text("questions/" + name + SUFFIX);
      }
    }
    throw new QueryException(
        QueryException.Reason.QUESTION,
        "no saved question " + name + "; there are: " + String.join(", ", titles().keySet()));
  }

  /** What each asks, by its name. */
  public Map<String, String> titles() throws IOException {
    Map<String, String> titles = new TreeMap<>();
    for (String name : SHIPPED) {
      titles.put(name, title(Resources.text("questions/" + name + SUFFIX)));
    }
    if (directory != null && Files.isDirectory(directory)) {
      try (Stream<Path> files = Files.list(directory)) {
        for (Path file : (Iterable<Path>) files::iterator) {
          String name = file.getFileName().toString();
          String base = name.endsWith(SUFFIX) ? name.substring(0, name.length() - 4) : "";
          if (NAME.matcher(base).matches() && Files.size(file) <= MAX_BYTES) {
            titles.put(base, title(Files.readString(file, StandardCharsets.UTF_8)));
          }
        }
      }
    }
    return titles;
  }

  private static String title(String sql) {
    String first = sql.lines().findFirst().orElse("");
    return first.startsWith("--") ? first.substring(2).strip() : "";
  }
}
