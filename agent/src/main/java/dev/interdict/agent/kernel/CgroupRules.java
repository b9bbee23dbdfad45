package dev.interdict.agent.kernel;

import dev.interdict.agent.enrich.Cgroup;
import dev.interdict.agent.enrich.ContainerIdentity;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;

/**
 * Keeps the kernel's rules of the cgroups that are containers: how much they may say, and which of
 * the scoped kinds are wanted of them. Any thread.
 */
final class CgroupRules {
  private static final int LIMIT = 4096;

  private final long handle;
  private final int[] caps;
  private final Map<Long, Cgroup> ruled = new HashMap<>();
  private final Map<Long, long[]> reported = new HashMap<>();
  private ToLongFunction<ContainerIdentity> scope = container -> 0;

  /**
   * @param caps records a second that a container may say, by lane; 0: as many as there are
   */
  CgroupRules(long handle, int[] caps) {
    this.handle = handle;
    this.caps = caps.clone();
  }

  /** A cgroup was met for the first time. */
  synchronized void met(Cgroup cgroup) {
    if (cgroup.container() == null) {
      return;
    }
    if (ruled.size() >= LIMIT) {
      ruled.clear();
      reported.clear();
    }
    ruled.put(cgroup.id(), cgroup);
    store(cgroup);
  }

  /**
   * @param kinds bits of the scoped kinds that a container is to report
   */
  synchronized void scope(ToLongFunction<ContainerIdentity> kinds) {
    scope = kinds;
    ruled.values().forEach(this::store);
  }

  private void store(Cgroup cgroup) {
    // A table that is full forgets the one of which nothing was heard for longest.
    Natives.rule(handle, cgroup.id(), scope.applyAsLong(cgroup.container()), caps);
  }

  synchronized List<Cgroup> ruled() {
    return new ArrayList<>(ruled.values());
  }

  /** What was capped since it was taken last, but not more than is asked for. */
  synchronized long takeCapped(Cgroup cgroup, int lane, long most) {
    long total = Natives.capped(handle, cgroup.id(), lane);
    long[] taken = reported.computeIfAbsent(cgroup.id(), id -> new long[caps.length]);
    long count = Math.min(most, Math.max(0, total - taken[lane]));
    taken[lane] += count;
    return count;
  }
}
