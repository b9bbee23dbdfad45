package dev.interdict.agent.enrich;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** What /proc tells of a process that was there before the sensor or whose beginning was lost. */
public final class ProcFiles {
  private static final int ARGS_LIMIT = 8192;

  private final Path root;

  public ProcFiles(Path root) {
    this.root = root;
  }

  /** Arguments, each ended by a zero; empty if the process is gone or has none. */
  public byte[] args(int pid) {
    try (InputStream in = Files.newInputStream(root.resolve(pid + "/cmdline"))) {
      return in.readNBytes(ARGS_LIMIT);
    } catch (IOException e) {
      return new byte[0];
    }
  }

  /** The target of one of its links, {@code exe} or {@code cwd}; null if it is gone. */
  public byte[] link(int pid, String name) {
    try {
      return Files.readSymbolicLink(root.resolve(pid + "/" + name))
          .toString()
          .getBytes(StandardCharsets.UTF_8);
    } catch (IOException e) {
      return null;
    }
  }

  public byte[] comm(int pid) {
    try {
      String comm = Files.readString(root.resolve(pid + "/comm"), StandardCharsets.ISO_8859_1);
      return comm.stripTrailing().getBytes(StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return null;
    }
  }

  /** Paths of its cgroups in every hierarchy; empty if it is gone. */
  List<String> cgroups(int pid) {
    try (Stream<String> lines =
        Files.lines(root.resolve(pid + "/cgroup"), StandardCharsets.ISO_8859_1)) {
      return lines.limit(64).map(line -> line.substring(line.indexOf(':', 3) + 1)).toList();
    } catch (IOException | UncheckedIOException e) {
      return List.of();
    }
  }

  /** Half of the boot's random id. */
  public long bootId() throws IOException {
    String text = Files.readString(root.resolve("sys/kernel/random/boot_id")).strip();
    java.util.UUID id = java.util.UUID.fromString(text);
    return id.getMostSignificantBits() ^ id.getLeastSignificantBits();
  }

  /** Where cgroup v2 is mounted; null if it is not. */
  public Path cgroupRoot() throws IOException {
    for (String line :
        Files.readAllLines(root.resolve("self/mounts"), StandardCharsets.ISO_8859_1)) {
      String[] parts = line.split(" ");
      if (parts.length > 2 && parts[2].equals("cgroup2")) {
        return Path.of(parts[1]);
      }
    }
    return null;
  }
}
