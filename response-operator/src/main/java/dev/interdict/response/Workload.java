package dev.interdict.response;

import java.util.Map;
import java.util.Set;

/**
 * What owns a container, as the orchestrator tells it.
 *
 * @param kind Deployment, StatefulSet, DaemonSet, Job, CronJob, or Pod for one that nothing owns
 */
record Workload(String kind, String namespace, String name, Map<String, String> labels) {
  private static final Set<String> STATEFUL = Set.of("StatefulSet");
  private static final Set<String> STATELESS = Set.of("Deployment", "ReplicaSet");

  Workload {
    labels = Map.copyOf(labels);
  }

  /** Null where the kind does not tell: a DaemonSet or a Job may keep state or not. */
  Boolean stateful() {
    return STATEFUL.contains(kind) ? Boolean.TRUE : STATELESS.contains(kind) ? false : null;
  }

  /** As policies name it: Deployment/web. */
  String owner() {
    return kind + "/" + name;
  }
}
