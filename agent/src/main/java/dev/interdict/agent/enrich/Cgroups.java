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
  private final List<Cgroup> known = new ArrayList<>();
  private LongTable current = new LongTable(1024);

  /**
   * @param paths asked for the path of a cgroup that no record named; null if it cannot tell
   * @param onMet told of each when it is met for the first time
   */
  public Cgroups(ContainerResolver containers, LongFunction<String> paths, Consumer<Cgroup> onMet) {
    this.containers = containers;
    this.paths = paths;
    this.onMet = onMet;
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
