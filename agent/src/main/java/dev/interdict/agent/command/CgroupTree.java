package dev.interdict.agent.command;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** The cgroup v2 hierarchy of this host. Cgroups are named by their path below its root. */
record CgroupTree(Path root) {
  private static final int MAX_PATH = 4096;
  private static final long POLL_NANOS = TimeUnit.MICROSECONDS.toNanos(200);

  static CgroupTree mounted() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/mounts"))) {
      String[] fields = line.split(" ", 4);
      if (fields[2].equals("cgroup2")) {
        return new CgroupTree(Path.of(fields[1]));
      }
    }
    throw new IOException("no cgroup v2 hierarchy is mounted (looked in /proc/self/mounts)");
  }

  /** The folder of a cgroup named by a command, which may exist or not. */
  Path resolve(String cgroup) throws RefusedException {
    if (cgroup.length() > MAX_PATH) {
      throw new RefusedException(
          "invalid target cgroup.length=" + cgroup.length() + " limit=" + MAX_PATH);
    }
    if (!cgroup.startsWith("/") || cgroup.indexOf('\0') >= 0) {
      throw new RefusedException("invalid target cgroup=" + cgroup + " expected a path from /");
    }
    Path path = Path.of(root + cgroup);
    if (!path.equals(path.normalize()) || !path.startsWith(root)) {
      throw new RefusedException("invalid target cgroup=" + cgroup + " expected no . or ..");
    }
    if (path.equals(root)) {
      throw new RefusedException(
          "target is the root cgroup, which holds the whole host and cannot be frozen");
    }
    return path;
  }

  /** Of a name that the kernel gave, or that was resolved before. */
  Path path(String cgroup) {
    return root.resolve(cgroup.substring(1));
  }

  String name(Path cgroup) {
    return "/" + root.relativize(cgroup);
  }

  /** The kernel's id of a cgroup is the inode number of its folder; 0 if it is gone. */
  long id(Path cgroup) throws IOException {
    try {
      return (Long) Files.getAttribute(cgroup, "unix:ino", LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException gone) {
      return 0;
    }
  }

  /** Null if there is no such process. */
  String of(int pid) throws IOException {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/cgroup"))) {
        if (line.startsWith("0::")) {
          return line.substring(3);
        }
      }
    } catch (IOException e) {
      // A process that ends while it is read: ESRCH instead of ENOENT.
      if (!Files.exists(Path.of("/proc/" + pid)) || e instanceof NoSuchFileException) {
        return null;
      }
      throw e;
    }
    throw new IOException("/proc/" + pid + "/cgroup has no line of cgroup v2");
  }

  /** Every process in the cgroup and below. */
  List<Integer> processes(Path cgroup) throws IOException {
    List<Integer> pids = new ArrayList<>();
    try (Stream<Path> tree = Files.walk(cgroup)) {
      for (Path each : (Iterable<Path>) tree.filter(Files::isDirectory)::iterator) {
        for (String line : Files.readAllLines(each.resolve("cgroup.procs"))) {
          pids.add(Integer.valueOf(line));
        }
      }
    }
    return pids;
  }

  boolean frozen(Path cgroup) throws IOException {
    return Files.readAllLines(cgroup.resolve("cgroup.events")).contains("frozen 1");
  }

  /** Whether a process is in it or below. */
  boolean populated(Path cgroup) throws IOException {
    return Files.readAllLines(cgroup.resolve("cgroup.events")).contains("populated 1");
  }

  /** Whether it was asked to freeze, by whomever. */
  boolean freezing(Path cgroup) throws IOException {
    return Files.readString(cgroup.resolve("cgroup.freeze")).strip().equals("1");
  }

  /**
   * Asks the kernel and waits until it says that it is so: a task in the middle of a system call
   * stops only when it leaves the kernel.
   *
   * @return false if that did not happen within the limit
   */
  boolean freeze(Path cgroup, boolean frozen, Duration limit) throws IOException {
    Files.writeString(cgroup.resolve("cgroup.freeze"), frozen ? "1" : "0");
    long deadline = System.nanoTime() + limit.toNanos();
    while (frozen(cgroup) != frozen) {
      if (System.nanoTime() > deadline) {
        return false;
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
    return true;
  }

  Path make(Path cgroup) throws IOException {
    return inWritable(cgroup.getParent(), () -> Files.createDirectory(cgroup));
  }

  void remove(Path cgroup) throws IOException {
    inWritable(
        cgroup.getParent(),
        () -> {
          Files.delete(cgroup);
          return cgroup;
        });
  }

  @FunctionalInterface
  private interface Change {
    Path make() throws IOException;
  }

  /**
   * The folder of the root cgroup is writable for nobody: the kernel makes it so, and root gets
   * past by CAP_DAC_OVERRIDE, which the agent does without. Its owner may lift that for a moment.
   */
  private static Path inWritable(Path folder, Change change) throws IOException {
    try {
      return change.make();
    } catch (AccessDeniedException denied) {
      Set<PosixFilePermission> before = Files.getPosixFilePermissions(folder);
      Set<PosixFilePermission> wider = EnumSet.copyOf(before);
      if (!wider.add(PosixFilePermission.OWNER_WRITE)) {
        throw notAllowed(folder, denied);
      }
      try {
        Files.setPosixFilePermissions(folder, wider);
      } catch (IOException e) {
        throw notAllowed(folder, e);
      }
      try {
        return change.make();
      } finally {
        Files.setPosixFilePermissions(folder, before);
      }
    }
  }

  private static IOException notAllowed(Path folder, IOException cause) throws IOException {
    return new IOException(
        "cgroups below %s cannot be made or removed: permission denied, it belongs to %s"
            .formatted(folder, Files.getOwner(folder)),
        cause);
  }
}
