package dev.interdict.response;

import dev.interdict.schema.Container;
import dev.interdict.schema.Entity;
import java.util.List;
import java.util.Set;

/** Knows what owns a container. Asked on the responder's thread: it must not block. */
@FunctionalInterface
public interface Workloads {
  Workloads NONE = entity -> null;

  /** Null where there is no orchestrator, or it does not know the container. */
  Workload of(Entity entity);

  /** Null where it is not known. */
  default Health health(Entity entity) {
    return null;
  }

  /**
   * @param readyPods of the same workload, namespace/name each
   * @param exhausted the disruption budgets over this pod that allow none now
   */
  record Health(Set<String> readyPods, List<String> exhausted) {}

  /**
   * What budgets count by. Without an orchestrator, the name of the container within its namespace,
   * which its replacement has too; on a host, the cgroup.
   */
  default String key(Entity entity) {
    Workload workload = of(entity);
    if (workload != null) {
      return workload.namespace() + "/" + workload.owner();
    }
    Container container = entity.getContainer();
    return container.getName().isEmpty()
        ? entity.getNode() + entity.getCgroup()
        : container.getNamespace() + "/" + container.getName();
  }
}
