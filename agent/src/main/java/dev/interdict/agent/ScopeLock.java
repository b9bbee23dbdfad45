package dev.interdict.agent;

import dev.interdict.agent.command.CgroupScope;
import dev.interdict.agent.kernel.Natives;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * Keeps two agents from touching the same cgroups: each holds a locked file that names its scope,
 * in a directory that all agents of the host share. The kernel drops the lock when the process
 * ends, however it ends, so that nothing has to be cleaned up after a crash or a reboot.
 */
final class ScopeLock implements AutoCloseable {
  private static final String GATE = "agents.lock";
  private static final String PREFIX = "agent-";
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  private final Path file;
  private final String text;
  private int descriptor;
  private Object identity;

  private ScopeLock(Path file, String text) throws IOException {
    this.file = file;
    this.text = text;
    make();
  }

  private void make() throws IOException {
    int made = Natives.lockFile(file.toString());
    if (made < 0) {
      throw new IOException(file + " is locked by another");
    }
    descriptor = made;
    Files.writeString(file, text);
    identity = OwnFiles.identity(file);
  }

  /** Whoever removes the lock could start another agent beside this one: it is made again. */
  synchronized void inspect(Guard.Report report) throws IOException {
    Object now = OwnFiles.identity(file);
    if (descriptor < 0 || identity.equals(now)) {
      return;
    }
    report.tell("lock", now == null ? "deleted" : "replaced", file.toString());
    Files.deleteIfExists(file);
    create(file.getParent());
    int old = descriptor;
    make();
    Natives.closeFile(old);
    report.tell("lock", "restored", file.toString());
  }

  static ScopeLock take(Path directory, CgroupScope scope) throws IOException {
    create(directory);
    int gate = enter(directory.resolve(GATE));
    try {
      try (Stream<Path> entries = Files.list(directory)) {
        for (Path each : entries.toList()) {
          if (each.getFileName().toString().startsWith(PREFIX)) {
            check(each, scope);
          }
        }
      }
      Path file = directory.resolve(PREFIX + UUID.randomUUID());
      return new ScopeLock(file, ProcessHandle.current().pid() + " " + scope.text());
    } finally {
      Natives.closeFile(gate);
    }
  }

  /** For root alone: whoever could lock these files could keep an agent from starting. */
  private static void create(Path directory) throws IOException {
    Files.createDirectories(directory.toAbsolutePath().getParent());
    if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
      Files.createDirectory(
          directory,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
    if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
      throw new IOException(directory + " is no directory: agents keep their locks in it");
    }
  }

  private static int enter(Path gate) throws IOException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    int descriptor = Natives.lockFile(gate.toString());
    while (descriptor < 0) {
      if (System.nanoTime() > deadline) {
        throw new IOException(gate + " is locked for " + PATIENCE.toSeconds() + " s by another");
      }
      LockSupport.parkNanos(POLL_NANOS);
      descriptor = Natives.lockFile(gate.toString());
    }
    return descriptor;
  }

  private static void check(Path other, CgroupScope scope) throws IOException {
    int descriptor = Natives.lockFile(other.toString());
    if (descriptor >= 0) {
      Files.delete(other); // its agent is gone
      Natives.closeFile(descriptor);
      return;
    }
    String[] text = Files.readString(other).split(" ", 2);
    CgroupScope taken;
    try {
      taken = new CgroupScope(text.length == 2 ? text[1] : "");
    } catch (IllegalArgumentException e) {
      throw new IOException("the lock " + other + " of another agent cannot be read", e);
    }
    if (taken.overlaps(scope)) {
      throw new IOException(
          "another agent runs on this host: pid=%s with cgroup scope %s, which overlaps with %s; stop it, or give both disjoint scopes (--cgroup-scope)"
              .formatted(text[0], taken.text(), scope.text()));
    }
  }

  @Override
  public synchronized void close() throws IOException {
    Files.deleteIfExists(file);
    Natives.closeFile(descriptor);
    descriptor = -1;
  }
}
