package dev.interdict.agent.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a container has changed below its root: the upper layer where its root is an overlay whose
 * layer can be reached, what it has deleted included; otherwise what of the root's file system has
 * changed since the container's first process began. Volumes are not a part of it.
 *
 * @param root to be looked through
 * @param namespace of its mounts; two processes of one container have the same
 * @param since of changes; null: all of it
 */
record ContainerFiles(Path root, String namespace, FileTime since) {
  private static final int MAX_PARENTS = 16;
  private static final Pattern UPPER = Pattern.compile("(?:^|,)upperdir=([^,]*)");

  /** Null where the process has the root of this host, or is gone. */
  static ContainerFiles of(int pid) throws IOException {
    String namespace = namespace(pid);
    if (namespace.isEmpty() || hasRootOf(pid, "1") || hasRootOf(pid, "self")) {
      return null;
    }
    Path upper = upper(pid, namespace);
    return upper != null
        ? new ContainerFiles(upper, namespace, null)
        : new ContainerFiles(root(pid), namespace, began(pid, namespace));
  }

  private static String namespace(int pid) {
    return StateCopy.link(Path.of("/proc/" + pid + "/ns/mnt"));
  }

  /** The dot makes the kernel follow the link, whose text is a path of another namespace. */
  private static Path root(Object pid) {
    return Path.of("/proc/" + pid + "/root/.");
  }

  private static boolean hasRootOf(int pid, String other) {
    try {
      return Files.isSameFile(root(pid), root(other));
    } catch (IOException unknown) {
      return false;
    }
  }

  /** By way of whoever made the container: its mounts have the folder, the container's do not. */
  private static Path upper(int pid, String namespace) throws IOException {
    String folder = null;
    for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/mountinfo"))) {
      String[] sides = line.split(" - ", 2);
      String[] mount = sides[0].split(" ");
      String[] what = sides.length == 2 ? sides[1].split(" ", 3) : new String[0];
      if (mount.length > 4 && mount[4].equals("/") && what.length == 3) {
        Matcher upper = UPPER.matcher(what[2]);
        folder = what[0].equals("overlay") && upper.find() ? upper.group(1) : null;
      }
    }
    if (folder == null || !folder.startsWith("/")) {
      return null;
    }
    ProcessStat process = ProcessStat.of(pid);
    for (int i = 0; i < MAX_PARENTS && process != null && process.parent() > 0; i++) {
      Path upper = Path.of("/proc/" + process.parent() + "/root" + folder);
      if (!namespace(process.parent()).equals(namespace)
          && Files.isDirectory(upper, LinkOption.NOFOLLOW_LINKS)) {
        return upper;
      }
      process = ProcessStat.of(process.parent());
    }
    return null;
  }

  /** The first process of the container, as far as it is still there; a second before. */
  private static FileTime began(int pid, String namespace) throws IOException {
    long ticks = ProcessStart.ticks(pid);
    ProcessStat process = ProcessStat.of(pid);
    for (int i = 0; i < MAX_PARENTS && process != null; i++) {
      if (namespace(process.pid()).equals(namespace)) {
        ticks = Math.min(ticks, process.ticks());
      }
      process = process.parent() > 0 ? ProcessStat.of(process.parent()) : null;
    }
    String uptime = Files.readString(Path.of("/proc/uptime")).split(" ")[0];
    Instant boot = Instant.now().minusMillis((long) (1000 * Double.parseDouble(uptime)));
    return FileTime.from(
        boot.plusNanos(ticks * ProcessStart.NANOS_PER_TICK).minus(Duration.ofSeconds(1)));
  }
}
