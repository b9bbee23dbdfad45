package dev.interdict.agent.command;

import dev.interdict.schema.Target;
import java.io.IOException;
import java.nio.file.Path;

/** Finds what a command names, and makes sure that it is still the same and within the scope. */
final class Targets {
  private final CgroupTree cgroups;
  private final CgroupScope scope;

  Targets(CgroupTree cgroups, CgroupScope scope) {
    this.cgroups = cgroups;
    this.scope = scope;
  }

  /** The folder of a cgroup that is there, by name and id. */
  Path cgroup(Target target) throws RefusedException, IOException {
    Path cgroup = cgroups.resolve(target.getCgroup());
    long actual = cgroups.id(cgroup);
    if (actual == 0) {
      throw new IOException("target is gone: cgroup=" + target.getCgroup() + " does not exist");
    }
    if (target.getCgroupId() != 0 && target.getCgroupId() != actual) {
      throw new IOException(
          "target is gone: cgroup=%s has id=%d now, the target's was %d"
              .formatted(target.getCgroup(), actual, target.getCgroupId()));
    }
    inScope(target.getCgroup());
    if (target.getCgroupId() == 0) {
      ProcessStart.check(target);
    }
    return cgroup;
  }

  /** The process that began when the target did; wherever it is by now, that is in the scope. */
  ProcessStat process(Target target) throws RefusedException, IOException {
    ProcessStart.check(target);
    ProcessStat stat = ProcessStat.of(target.getPid());
    String cgroup = stat == null ? null : cgroups.of(stat.pid());
    if (cgroup == null || stat.isZombie()) {
      throw new IOException("target pid=" + target.getPid() + " has ended");
    }
    if (!ProcessStart.same(stat.ticks(), target.getStartTime())) {
      throw new RefusedException("target pid=" + target.getPid() + " was used again");
    }
    if (stat.isKernelThread()) {
      throw new RefusedException(
          "target pid=" + target.getPid() + " is protected: it is a thread of the kernel");
    }
    inScope(cgroup);
    return stat;
  }

  private void inScope(String cgroup) throws RefusedException {
    if (!scope.covers(cgroup)) {
      throw new RefusedException(
          "target cgroup="
              + cgroup
              + " is none of those that this agent may contain: its scope is "
              + scope.text());
    }
  }
}
