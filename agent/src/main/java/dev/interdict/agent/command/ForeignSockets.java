package dev.interdict.agent.command;

import dev.interdict.agent.kernel.Natives;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Sockets that processes of a cgroup hold but that were made outside of it: inherited, handed over,
 * or made before the process was moved. A socket keeps the cgroup in which it was made, so the
 * network cut does not reach them; they are destroyed.
 */
final class ForeignSockets {
  private static final int MAX_SOCKETS = 65_536;

  private final CgroupTree cgroups;

  ForeignSockets(CgroupTree cgroups) {
    this.cgroups = cgroups;
  }

  /** How many were destroyed. */
  int destroy(Path cgroup) throws IOException {
    Map<Path, Integer> networks = new HashMap<>();
    Set<Long> held = new TreeSet<>();
    for (int pid : cgroups.processes(cgroup)) {
      try {
        networks.putIfAbsent(Files.readSymbolicLink(Path.of("/proc/" + pid + "/ns/net")), pid);
        collect(Path.of("/proc/" + pid + "/fd"), held);
      } catch (IOException e) {
        if (Files.exists(Path.of("/proc/" + pid + "/fd"))) {
          throw e;
        }
      }
    }
    if (held.isEmpty()) {
      return 0;
    }
    long[] inodes = held.stream().mapToLong(Long::longValue).toArray();
    long[] own = ids(cgroup);
    int destroyed = 0;
    for (int pid : networks.values()) {
      destroyed += Natives.destroySockets("/proc/" + pid + "/ns/net", inodes, own);
    }
    return destroyed;
  }

  private static void collect(Path descriptors, Set<Long> inodes) throws IOException {
    try (Stream<Path> open = Files.list(descriptors)) {
      for (Path each : (Iterable<Path>) open::iterator) {
        String target;
        try {
          target = Files.readSymbolicLink(each).toString();
        } catch (IOException closed) {
          continue;
        }
        if (target.startsWith("socket:[")) {
          inodes.add(Long.valueOf(target.substring("socket:[".length(), target.length() - 1)));
          if (inodes.size() > MAX_SOCKETS) {
            throw new IOException("too many sockets in the cgroup: limit=" + MAX_SOCKETS);
          }
        }
      }
    }
  }

  private long[] ids(Path cgroup) throws IOException {
    Set<Long> ids = new TreeSet<>();
    try (Stream<Path> tree = Files.walk(cgroup)) {
      for (Path each : (Iterable<Path>) tree.filter(Files::isDirectory)::iterator) {
        ids.add(cgroups.id(each));
      }
    }
    return ids.stream().mapToLong(Long::longValue).toArray();
  }
}
