package dev.interdict.agent;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Finds that others have deleted, moved or replaced the folder that the agent writes to. */
final class OwnFiles {
  private static final Path DESCRIPTORS = Path.of("/proc/self/fd");
  private static final Path FLAGS = Path.of("/proc/self/fdinfo");
  private static final String DELETED = " (deleted)";

  private final Path folder;
  private final Object identity;
  private final Set<String> told = new HashSet<>();
  private boolean gone;

  /**
   * @param folder with no links in its path
   */
  private OwnFiles(Path folder, Object identity) {
    this.folder = folder;
    this.identity = identity;
  }

  static OwnFiles below(Path folder) throws IOException {
    Path real = folder.toRealPath();
    return new OwnFiles(real, identity(real));
  }

  void inspect(Guard.Report report) throws IOException {
    Object now = identity(folder);
    boolean other = !identity.equals(now);
    if (other != gone) {
      gone = other;
      String state = !other ? "restored" : now == null ? "deleted" : "replaced";
      report.tell("recorder", state, folder.toString());
    }
    for (String file : deleted()) {
      if (told.add(file)) {
        report.tell("recorder", "deleted", file);
      }
    }
  }

  /** What is open for writing and has no name any more; what is read may be removed by age. */
  private List<String> deleted() throws IOException {
    try (Stream<Path> open = Files.list(DESCRIPTORS)) {
      return open.map(this::deleted).filter(file -> file != null).toList();
    }
  }

  private String deleted(Path descriptor) {
    try {
      String target = Files.readSymbolicLink(descriptor).toString();
      if (!target.startsWith(folder + "/") || !target.endsWith(DELETED) || !isWritten(descriptor)) {
        return null;
      }
      return target.substring(0, target.length() - DELETED.length());
    } catch (IOException closed) {
      return null;
    }
  }

  private static boolean isWritten(Path descriptor) throws IOException {
    for (String line : Files.readAllLines(FLAGS.resolve(descriptor.getFileName()))) {
      if (line.startsWith("flags:")) {
        return (Integer.parseInt(line.substring(6).strip(), 8) & 3) != 0;
      }
    }
    return false;
  }

  /** Null where there is nothing. */
  static Object identity(Path file) throws IOException {
    try {
      return Files.getAttribute(file, "unix:dev", LinkOption.NOFOLLOW_LINKS)
          + " "
          + Files.getAttribute(file, "unix:ino", LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException none) {
      return null;
    }
  }
}
