package dev.interdict.agent.command;

import dev.interdict.agent.kernel.Natives;
import dev.interdict.schema.Kill;
import dev.interdict.schema.Target;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Ends a process, with its descendants, or all in a cgroup, and tells how many are seen to have
 * ended. One thread at a time: the executor's lock.
 */
final class Kills {
  private static final Duration LIMIT = Duration.ofSeconds(2);
  private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final int SIGKILL = 9;
  private static final int SIGSTOP = 19;

  private final CgroupTree cgroups;
  private final ProtectedProcesses guarded;
  private final Targets targets;

  Kills(CgroupTree cgroups, ProtectedProcesses guarded, Targets targets) {
    this.cgroups = cgroups;
    this.guarded = guarded;
    this.targets = targets;
  }

  /** Checks a request before anything of it is written or done. */
  void check(Kill kill) throws RefusedException, IOException {
    switch (kill.getScope()) {
      case PROCESS -> guarded.check(targets.process(kill.getTarget()));
      case TREE -> guarded.check(family(kill.getTarget()).members());
      case CGROUP -> {
        Path cgroup = targets.cgroup(kill.getTarget());
        guarded.check(cgroup);
        guarded.check(stats(cgroup));
      }
      default -> throw new RefusedException("kill has no scope: process, tree or cgroup");
    }
  }

  /** Whether the target is there no more, be it for this command or by itself. */
  boolean isOver(Kill kill) throws RefusedException, IOException {
    Target target = kill.getTarget();
    if (kill.getScope() == Kill.Scope.CGROUP) {
      Path cgroup = cgroups.resolve(target.getCgroup());
      return cgroups.id(cgroup) == 0 || !cgroups.populated(cgroup);
    }
    ProcessStat now = ProcessStat.of(target.getPid());
    return now == null || now.isZombie() || !ProcessStart.same(now.ticks(), target.getStartTime());
  }

  /** How many processes have ended for it. */
  int carryOut(Kill kill) throws RefusedException, IOException {
    return switch (kill.getScope()) {
      case PROCESS -> end(List.of(targets.process(kill.getTarget())));
      case TREE -> endTree(kill.getTarget());
      default -> endCgroup(targets.cgroup(kill.getTarget()));
    };
  }

  private ProcessFamily family(Target target) throws RefusedException, IOException {
    ProcessStat root = targets.process(target);
    ProcessFamily family = new ProcessFamily(root.pid(), root.ticks());
    family.grow();
    return family;
  }

  /** Whoever is stopped no longer forks, so that the rounds come to an end. */
  private int endTree(Target target) throws RefusedException, IOException {
    ProcessFamily family = family(target);
    Path frozen = freezeNeighbourhood(target);
    try {
      Collection<ProcessStat> fresh = List.copyOf(family.members());
      long deadline = System.nanoTime() + LIMIT.toNanos();
      while (!fresh.isEmpty()) {
        guarded.check(fresh);
        for (ProcessStat each : fresh) {
          Natives.signal(each.pid(), each.ticks(), SIGSTOP);
        }
        if (System.nanoTime() > deadline) {
          int ended = end(family.members());
          throw new IOException(
              ended + " processes were ended, but more turn up as fast: kill the cgroup");
        }
        fresh = family.grow();
      }
      return end(family.members());
    } finally {
      if (frozen != null) {
        cgroups.freeze(frozen, false, LIMIT);
      }
    }
  }

  /** The target's whole cgroup, for as long as it is looked through; null where it may not be. */
  private Path freezeNeighbourhood(Target target) throws IOException {
    String name = cgroups.of(target.getPid());
    if (name == null || name.equals("/")) {
      return null;
    }
    try {
      Path cgroup = cgroups.resolve(name);
      guarded.check(cgroup);
      if (cgroups.freezing(cgroup)) {
        return null;
      }
      cgroups.freeze(cgroup, true, LIMIT);
      return cgroup;
    } catch (RefusedException shared) {
      return null; // stopping each has to do
    }
  }

  private int end(Collection<ProcessStat> processes) throws IOException {
    List<ProcessStat> left = new ArrayList<>();
    for (ProcessStat each : processes) {
      if (Natives.signal(each.pid(), each.ticks(), SIGKILL)) {
        left.add(each);
      }
    }
    int killed = left.size();
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (true) {
      left.removeIf(Kills::hasEnded);
      if (left.isEmpty()) {
        return killed;
      }
      if (System.nanoTime() > deadline) {
        throw new IOException(
            "%d of %d processes have not ended after %d ms: pid=%d is in state %s"
                .formatted(
                    left.size(), killed, LIMIT.toMillis(), left.get(0).pid(), left.get(0).state()));
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
  }

  private static boolean hasEnded(ProcessStat process) {
    ProcessStat now = ProcessStat.of(process.pid());
    return now == null || now.ticks() != process.ticks() || now.isZombie();
  }

  private int endCgroup(Path cgroup) throws RefusedException, IOException {
    List<ProcessStat> there = stats(cgroup);
    Path kill = cgroup.resolve("cgroup.kill");
    if (Files.exists(kill)) {
      Files.writeString(kill, "1");
    } else {
      endCgroupBySignals(cgroup);
    }
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (cgroups.populated(cgroup)) {
      if (System.nanoTime() > deadline) {
        throw new IOException(
            "cgroup=%s still has processes after %d ms: %s"
                .formatted(cgroups.name(cgroup), LIMIT.toMillis(), cgroups.processes(cgroup)));
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
    return there.size();
  }

  /** Before Linux 5.14 there is no cgroup.kill. What is frozen does not fork. */
  void endCgroupBySignals(Path cgroup) throws IOException {
    boolean thaw = !cgroups.freezing(cgroup);
    cgroups.freeze(cgroup, true, LIMIT);
    try {
      end(stats(cgroup));
    } finally {
      if (thaw) {
        cgroups.freeze(cgroup, false, LIMIT);
      }
    }
  }

  private List<ProcessStat> stats(Path cgroup) throws IOException {
    List<ProcessStat> stats = new ArrayList<>();
    for (int pid : cgroups.processes(cgroup)) {
      ProcessStat stat = ProcessStat.of(pid);
      if (stat != null && !stat.isZombie()) {
        stats.add(stat);
      }
    }
    return stats;
  }
}
