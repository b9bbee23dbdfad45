package dev.interdict.agent.command;

import dev.interdict.schema.Target;

/**
 * The check against pid reuse. A cgroup id is never used twice within a boot, so a cgroup named by
 * one stands on its own; a target without it is only as good as its pid and start time.
 */
final class ProcessStart {
  static final long NANOS_PER_TICK = 10_000_000; // USER_HZ is 100 on every architecture

  private ProcessStart() {}

  static void check(Target target) throws RefusedException {
    if (target.getPid() == 0 || target.getStartTime() == 0) {
      throw new RefusedException(
          "the target has neither a cgroup id nor a pid with its start time");
    }
    long started = ticks(target.getPid());
    if (started < 0) {
      throw new RefusedException("target pid=" + target.getPid() + " has ended");
    }
    if (!same(started, target.getStartTime())) {
      throw new RefusedException(
          "target pid=%d was used again: started at %d ms since boot, the target's at %d ms"
              .formatted(
                  target.getPid(),
                  started * NANOS_PER_TICK / 1_000_000,
                  target.getStartTime() / 1_000_000));
    }
  }

  /** One tick apart is the same: events and stat may round differently. */
  static boolean same(long ticks, long startTime) {
    return Math.abs(ticks - startTime / NANOS_PER_TICK) <= 1;
  }

  /** Since boot; -1 if there is no such process. */
  static long ticks(int pid) {
    ProcessStat stat = ProcessStat.of(pid);
    return stat == null ? -1 : stat.ticks();
  }
}
