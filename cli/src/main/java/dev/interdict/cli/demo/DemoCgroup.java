package dev.interdict.cli.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** A cgroup v2 that the demo made for itself and removes again. */
record DemoCgroup(Path mount, Path path) {

  static DemoCgroup create(String name) throws IOException {
    Path root = root();
    Path path = root.resolve(name);
    Files.createDirectory(path);
    if (!Files.exists(path.resolve("cgroup.freeze"))) {
      Files.delete(path);
      throw new IOException(root + " has no cgroup.freeze: Linux 5.2 or later is needed");
    }
    return new DemoCgroup(root, path);
  }

  static List<DemoCgroup> existing(String prefix) throws IOException {
    Path root = root();
    try (Stream<Path> children = Files.list(root)) {
      return children
          .filter(child -> child.getFileName().toString().startsWith(prefix))
          .filter(Files::isDirectory)
          .map(child -> new DemoCgroup(root, child))
          .toList();
    }
  }

  static Path root() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/mounts"))) {
      String[] fields = line.split(" ", 4);
      if (fields[2].equals("cgroup2")) {
        return Path.of(fields[1]);
      }
    }
    throw new IOException("no cgroup v2 hierarchy is mounted (looked in /proc/self/mounts)");
  }

  String name() {
    return "/" + mount.relativize(path);
  }

  /** The kernel's id of a cgroup is the inode number of its folder. */
  long id() throws IOException {
    return (Long) Files.getAttribute(path, "unix:ino");
  }

  boolean frozen() throws IOException {
    return event("frozen");
  }

  List<Long> pids() throws IOException {
    return Files.readAllLines(path.resolve("cgroup.procs")).stream().map(Long::valueOf).toList();
  }

  /** Kills what is in it, and whoever enters meanwhile, until it can be removed. */
  void destroy(Duration limit) throws IOException {
    long deadline = System.nanoTime() + limit.toNanos();
    while (Files.exists(path)) {
      try {
        if (event("populated")) {
          kill();
        } else {
          removeFolders();
        }
      } catch (IOException busy) {
        if (System.nanoTime() > deadline) {
          throw busy;
        }
      }
      if (System.nanoTime() > deadline) {
        throw new IOException(path + " still has processes " + pids() + " after " + limit);
      }
      if (Files.exists(path)) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
      }
    }
  }

  private void removeFolders() throws IOException {
    List<Path> tree = new ArrayList<>();
    try (Stream<Path> below = Files.walk(path)) {
      below.filter(Files::isDirectory).forEach(tree::add);
    }
    for (int i = tree.size() - 1; i >= 0; i--) {
      Files.delete(tree.get(i));
    }
  }

  private void kill() throws IOException {
    Path kill = path.resolve("cgroup.kill");
    if (Files.exists(kill)) {
      Files.writeString(kill, "1");
      return;
    }
    for (long pid : pids()) {
      ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
    }
  }

  private boolean event(String key) throws IOException {
    return Files.readAllLines(path.resolve("cgroup.events")).contains(key + " 1");
  }
}
