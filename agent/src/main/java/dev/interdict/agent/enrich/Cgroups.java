package dev.interdict.agent.enrich;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongFunction;

/** Every cgroup met, by id. Forgets all when there are too many: what is alive is met again. */
public final class Cgroups {
  private static final int LIMIT = 16_384;

  private final ContainerResolver containers;
  private final LongFunction<String> paths;
  private final Consumer<Cgroup> onMet;
  private final ProcFiles proc;
  private final List<Cgroup> known = new ArrayList<>();
  private LongTable current = new LongTable(1024);

  /**
   * @param paths asked for the path of a cgroup that no record named; null if it cannot tell
   * @param onMet told of each when it is met for the first time
   */
  public Cgroups(
      ContainerResolver containers,
      LongFunction<String> paths,
      ProcFiles proc,
      Consumer<Cgroup> onMet) {
    this.containers = containers;
    this.paths = paths;
    this.proc = proc;
    this.onMet = onMet;
  }

  /**
   * The container that a process is in though the v2 hierarchy does not tell: on a host that gives
   * its containers a place in the older hierarchies only. One that has left again is given back.
   *
   * @param apart whether it has mounts other than the host's
   */
  void place(Process process, boolean apart) {
    Cgroup cgroup = process.cgroup();
    if (cgroup == null || cgroup.path() == null) {
      return;
    }
    if (cgroup.isBorrowed() && !apart) {
      process.cgroup = get(cgroup.id());
      process.changed();
    } else if (apart && cgroup.container() == null && cgroup.path().equals("/")) {
      for (String path : proc.cgroups(process.pid())) {
        ContainerIdentity container = path.equals("/") ? null : containers.resolve(path);
        if (container != null) {
          enter(process, container);
          return;
        }
      }
    }
  }

  /** Its cgroup is not the container's, but it is inside all the same. */
  void enter(Process process, ContainerIdentity container) {
    Cgroup cgroup = process.cgroup();
    if (cgroup != null && !container.equals(cgroup.container())) {
      process.cgroup = cgroup.borrowedBy(container);
      process.changed();
    }
  }

  public boolean knows(long id) {
    return id == 0 || current.get(id) != LongTable.ABSENT;
  }

  /** Null for 0: the kernel had none to tell. */
  public Cgroup get(long id) {
    if (id == 0) {
      return null;
    }
    int at = current.get(id);
    return at != LongTable.ABSENT ? known.get(at) : add(id, paths.apply(id));
  }

  public Cgroup add(long id, String path) {
    if (known.size() >= LIMIT) {
      known.clear();
      current = new LongTable(1024);
    }
    Cgroup cgroup = new Cgroup(id, path, path == null ? null : containers.resolve(path));
    current.put(id, known.size());
    known.add(cgroup);
    onMet.accept(cgroup);
    return cgroup;
  }
}
