package dev.interdict.response;

import java.util.Map;
import java.util.Set;

/**
 * What owns a container, as the orchestrator tells it.
 *
 * @param kind Deployment, StatefulSet, DaemonSet, Job, CronJob, or Pod for one that nothing owns
 * @param labels of the pod
 * @param spared why no policy may touch it; null where policies decide
 */
public record Workload(
    String kind, String namespace, String name, Map<String, String> labels, String spared) {
  private static final Set<String> STATEFUL = Set.of("StatefulSet");
  private static final Set<String> STATELESS = Set.of("Deployment", "ReplicaSet");

  public Workload {
    labels = Map.copyOf(labels);
  }

  public Workload(String kind, String namespace, String name, Map<String, String> labels) {
    this(kind, namespace, name, labels, null);
  }

  /** Null where the kind does not tell: a DaemonSet or a Job may keep state or not. */
  public Boolean stateful() {
    return STATEFUL.contains(kind) ? Boolean.TRUE : STATELESS.contains(kind) ? false : null;
  }

  /** As policies name it: Deployment/web. */
  public String owner() {
    return kind + "/" + name;
  }
}
