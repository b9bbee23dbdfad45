package dev.interdict.agent.enrich;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The containers that run on this node, and who belongs to them: their first process, what it
 * forked, and who has come in from outside. One thread.
 */
public final class ContainerRuns {
  private static final int LIMIT = 8192;

  public enum Change {
    NONE,
    STARTED,
    ENTERED,
    STOPPED
  }

  private final Cgroups cgroups;
  private final Map<String, ContainerRun> byId =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, ContainerRun> eldest) {
          return size() > LIMIT;
        }
      };
  private final Map<Integer, ContainerRun> byMountNamespace =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Integer, ContainerRun> eldest) {
          return size() > LIMIT;
        }
      };
  private int hostMountNamespace; // of process 1
  private int firstMountNamespace; // of the kernel's own threads: process 1 may have made another

  public ContainerRuns(Cgroups cgroups) {
    this.cgroups = cgroups;
  }

  /** A process that was there before the sensor. */
  public void found(Process process, int mountNamespace) {
    if (process.pid() == 1) {
      hostMountNamespace = mountNamespace;
    } else if (process.pid() == 2) {
      firstMountNamespace = mountNamespace;
    }
    boolean own = isOwn(mountNamespace);
    cgroups.place(process, own);
    ContainerIdentity identity = identity(process);
    if (identity != null && own) {
      ContainerRun run = byId.get(identity.id());
      if (run == null) {
        run = begin(identity, mountNamespace, process);
      }
      run.consider(process);
      process.run = run;
    }
  }

  /**
   * The process has executed an image. Runtimes prepare their first process in the container's
   * cgroup, but still among the host's mounts: it counts from what it executes inside.
   */
  public Change executed(Process process, int mountNamespace) {
    boolean own = isOwn(mountNamespace);
    cgroups.place(process, own);
    if (!own) {
      return Change.NONE;
    }
    ContainerIdentity identity = identity(process);
    ContainerRun run =
        identity == null ? byMountNamespace.get(mountNamespace) : byId.get(identity.id());
    if (run == null || run.hasEnded()) {
      if (identity == null || process.run != null && process.run.identity().equals(identity)) {
        return Change.NONE; // none, or what is left of one that has ended
      }
      process.run = begin(identity, mountNamespace, process);
      return Change.STARTED;
    }
    if (identity == null) { // by its namespaces alone: what it does is done in there
      cgroups.enter(process, run.identity());
    }
    if (process.run == run) {
      return Change.NONE;
    }
    process.run = run;
    return Change.ENTERED;
  }

  public Change exited(Process process) {
    ContainerRun run = process.run;
    if (run == null || run.hasEnded() || !run.isFirst(process)) {
      return Change.NONE;
    }
    run.end();
    byId.remove(run.identity().id(), run);
    byMountNamespace.remove(run.mountNamespace(), run);
    return Change.STOPPED;
  }

  private boolean isOwn(int mountNamespace) {
    return mountNamespace != 0
        && mountNamespace != hostMountNamespace
        && mountNamespace != firstMountNamespace;
  }

  private ContainerRun begin(ContainerIdentity identity, int mountNamespace, Process first) {
    ContainerRun run = new ContainerRun(identity, mountNamespace, first);
    byId.put(identity.id(), run);
    byMountNamespace.put(mountNamespace, run);
    return run;
  }

  private static ContainerIdentity identity(Process process) {
    return process.cgroup() == null ? null : process.cgroup().container();
  }
}
