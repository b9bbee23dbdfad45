package dev.interdict.agent.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Moves processes into quarantine cgroups and back. The quarantine is a child of the cgroup that
 * they were in, so that its limits go on to hold for them.
 */
final class Ward {
  static final String PREFIX = "interdict-quarantine-";
  private static final Duration LIMIT = Duration.ofSeconds(2);

  private final CgroupTree cgroups;
  private final ProtectedProcesses guarded;

  Ward(CgroupTree cgroups, ProtectedProcesses guarded) {
    this.cgroups = cgroups;
    this.guarded = guarded;
  }

  /** Notes whatever has to be known to undo a move before the move is made. */
  @FunctionalInterface
  interface Notes {
    void write(Held held) throws IOException;
  }

  static String name(String origin, String containmentId) {
    return (origin.equals("/") ? "" : origin) + "/" + PREFIX + containmentId;
  }

  /**
   * Whether a cgroup holds more than the process and its descendants, so that it cannot be
   * contained for it: the root, one with a protected process, or, if asked for, one with any other.
   */
  boolean isShared(String cgroup, ProcessStat process, boolean processOnly)
      throws RefusedException, IOException {
    if (cgroup.equals("/")) {
      return true;
    }
    Path path = cgroups.resolve(cgroup);
    if (guarded.heldBy(path) != null) {
      return true;
    }
    if (!processOnly) {
      return false;
    }
    ProcessFamily family = new ProcessFamily(process.pid(), process.ticks());
    family.grow();
    List<Integer> others = cgroups.processes(path);
    others.removeAll(family.members().stream().map(ProcessStat::pid).toList());
    return !others.isEmpty();
  }

  void check(ProcessStat process) throws RefusedException, IOException {
    ProcessFamily family = new ProcessFamily(process.pid(), process.ticks());
    family.grow();
    guarded.check(family.members());
  }

  /**
   * Moves the process and its descendants into the quarantine, which is frozen meanwhile: whoever
   * is inside forks no more. Done again, it goes on where it was interrupted.
   */
  Held admit(Held held, Notes notes) throws IOException {
    Path cgroup = cgroups.path(held.cgroup());
    if (!Files.isDirectory(cgroup)) {
      cgroups.make(cgroup);
    }
    Held noted = held.withCgroupId(cgroups.id(cgroup));
    notes.write(noted);
    if (!cgroups.freeze(cgroup, true, LIMIT)) {
      throw new IOException("cgroup=" + held.cgroup() + " does not freeze");
    }
    Quarantine patient = held.quarantine();
    ProcessFamily family = new ProcessFamily(patient.pid(), patient.ticks());
    long deadline = System.nanoTime() + LIMIT.toNanos();
    List<ProcessStat> fresh = family.grow();
    while (!fresh.isEmpty()) {
      noted = moveIn(noted, fresh, notes);
      if (System.nanoTime() > deadline) {
        throw new IOException(
            "descendants of pid="
                + patient.pid()
                + " turn up as fast as they are moved: "
                + family.members().size()
                + " so far");
      }
      fresh = family.grow();
    }
    return noted;
  }

  private Held moveIn(Held held, List<ProcessStat> processes, Notes notes) throws IOException {
    try {
      guarded.check(processes);
    } catch (RefusedException e) {
      throw new IOException(e.getMessage(), e);
    }
    List<ProcessStat> outside = new ArrayList<>();
    List<Quarantine.Stray> strays = new ArrayList<>();
    for (ProcessStat process : processes) {
      String origin = cgroups.of(process.pid());
      if (origin == null || isBelow(origin, held.cgroup())) {
        continue;
      }
      outside.add(process);
      if (!origin.equals(held.quarantine().origin())) {
        strays.add(new Quarantine.Stray(process.pid(), process.ticks(), origin));
      }
    }
    Held noted = held;
    if (!strays.isEmpty()) {
      noted = held.withQuarantine(held.quarantine().with(strays));
      notes.write(noted);
    }
    for (ProcessStat process : outside) {
      move(process, cgroups.path(held.cgroup()));
    }
    return noted;
  }

  /** Moves everybody back and removes the cgroup, with what was made below it. */
  void discharge(Held held) throws IOException {
    Path cgroup = cgroups.path(held.cgroup());
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (Files.isDirectory(cgroup)) {
      for (int pid : cgroups.processes(cgroup)) {
        ProcessStat process = ProcessStat.of(pid);
        if (process != null) {
          moveBack(process, held.quarantine());
        }
      }
      if (!cgroups.populated(cgroup)) {
        remove(cgroup);
      } else if (System.nanoTime() > deadline) {
        throw new IOException(
            "cgroup=%s still has processes: %s"
                .formatted(held.cgroup(), cgroups.processes(cgroup)));
      }
    }
  }

  private void moveBack(ProcessStat process, Quarantine quarantine) throws IOException {
    Path origin = cgroups.path(quarantine.originOf(process));
    move(process, Files.isDirectory(origin) ? origin : cgroups.path(quarantine.origin()));
  }

  /** A process that ends meanwhile is fine. */
  private static void move(ProcessStat process, Path cgroup) throws IOException {
    try {
      Files.writeString(cgroup.resolve("cgroup.procs"), Integer.toString(process.pid()));
    } catch (IOException e) {
      ProcessStat now = ProcessStat.of(process.pid());
      if (now != null && now.ticks() == process.ticks() && !now.isZombie()) {
        throw new IOException(
            "cannot move pid=" + process.pid() + " to " + cgroup + ": " + e.getMessage(), e);
      }
    }
  }

  private void remove(Path cgroup) throws IOException {
    try (Stream<Path> tree = Files.walk(cgroup)) {
      for (Path each : tree.filter(Files::isDirectory).sorted(Comparator.reverseOrder()).toList()) {
        cgroups.remove(each);
      }
    } catch (NoSuchFileException gone) {
      return;
    }
  }

  private static boolean isBelow(String cgroup, String ancestor) {
    return cgroup.equals(ancestor) || cgroup.startsWith(ancestor + "/");
  }
}
