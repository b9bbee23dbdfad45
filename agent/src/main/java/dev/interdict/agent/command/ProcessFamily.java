package dev.interdict.agent.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A process and what descends from it, as far as /proc tells: children of a member, and members of
 * a session that a member began, whoever their parent is by now. Looking takes time in which
 * processes fork, so it is repeated until nobody new turns up. A process that has left its session
 * and lost its parent before the first look is not found.
 */
final class ProcessFamily {
  private static final int MAX_MEMBERS = 65_536;

  private final Map<Integer, ProcessStat> members = new LinkedHashMap<>();
  private final int root;
  private final long rootTicks;

  ProcessFamily(int root, long rootTicks) {
    this.root = root;
    this.rootTicks = rootTicks;
  }

  Collection<ProcessStat> members() {
    return members.values();
  }

  /** Looks once; those that were not known, parents before their children. */
  List<ProcessStat> grow() throws IOException {
    Map<Integer, ProcessStat> running = new HashMap<>();
    Map<Integer, List<ProcessStat>> children = new HashMap<>();
    Map<Integer, List<ProcessStat>> sessions = new HashMap<>();
    for (int pid : pids()) {
      ProcessStat stat = ProcessStat.of(pid);
      if (stat != null && !stat.isKernelThread()) {
        running.put(pid, stat);
        children.computeIfAbsent(stat.parent(), parent -> new ArrayList<>()).add(stat);
        sessions.computeIfAbsent(stat.session(), session -> new ArrayList<>()).add(stat);
      }
    }
    List<ProcessStat> fresh = new ArrayList<>();
    List<ProcessStat> queue = new ArrayList<>();
    for (ProcessStat member : members.values()) {
      ProcessStat now = running.get(member.pid());
      if (now != null && now.ticks() == member.ticks()) {
        queue.add(now);
      }
    }
    ProcessStat first = running.get(root);
    if (first != null && first.ticks() == rootTicks) {
      admit(first, fresh, queue);
    }
    for (int i = 0; i < queue.size(); i++) {
      ProcessStat member = queue.get(i);
      for (ProcessStat child : children.getOrDefault(member.pid(), List.of())) {
        admit(child, fresh, queue);
      }
      if (member.session() == member.pid()) {
        for (ProcessStat companion : sessions.get(member.pid())) {
          admit(companion, fresh, queue);
        }
      }
    }
    return fresh;
  }

  private void admit(ProcessStat stat, List<ProcessStat> fresh, List<ProcessStat> queue)
      throws IOException {
    ProcessStat known = members.get(stat.pid());
    if (known != null && known.ticks() == stat.ticks()) {
      return;
    }
    if (members.size() >= MAX_MEMBERS) {
      throw new IOException("pid=" + root + " has too many descendants: limit=" + MAX_MEMBERS);
    }
    members.put(stat.pid(), stat);
    fresh.add(stat);
    queue.add(stat);
  }

  private static List<Integer> pids() throws IOException {
    try (Stream<Path> entries = Files.list(Path.of("/proc"))) {
      return entries
          .map(entry -> entry.getFileName().toString())
          .filter(name -> Character.isDigit(name.charAt(0)))
          .map(Integer::valueOf)
          .toList();
    }
  }
}
