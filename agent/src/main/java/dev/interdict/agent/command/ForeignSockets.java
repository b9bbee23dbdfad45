package dev.interdict.agent.command;

import dev.interdict.agent.kernel.Natives;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Sockets that processes of a cgroup hold but that were made outside of it: inherited, handed over,
 * or made before the process was moved. A socket keeps the cgroup in which it was made, so the
 * network cut does not reach them; they are destroyed.
 */
final class ForeignSockets {
  private final CgroupTree cgroups;
  private final int program;

  private ForeignSockets(CgroupTree cgroups, int program) {
    this.cgroups = cgroups;
    this.program = program;
  }

  static ForeignSockets open(CgroupTree cgroups) throws IOException {
    return new ForeignSockets(cgroups, Natives.loadSockets());
  }

  /** How many were destroyed. */
  int destroy(Path cgroup) throws IOException {
    int[] pids = cgroups.processes(cgroup).stream().mapToInt(Integer::intValue).sorted().toArray();
    return pids.length == 0 ? 0 : Natives.destroySockets(program, pids, ids(cgroup));
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
