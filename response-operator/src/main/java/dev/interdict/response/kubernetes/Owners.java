package dev.interdict.response.kubernetes;

import dev.interdict.response.ContainmentRecord;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.KubernetesResourceList;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.MixedOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;

/** What owns pods, as the API server has it at this moment. Blocks. */
final class Owners {
  static final List<String> KINDS =
      List.of("Deployment", "StatefulSet", "ReplicaSet", "DaemonSet", "Job", "CronJob");

  private record Kind(
      BiFunction<String, String, Resource<? extends HasMetadata>> named,
      Function<String, List<? extends HasMetadata>> within) {

    static <T extends HasMetadata, L extends KubernetesResourceList<T>, R extends Resource<T>>
        Kind of(MixedOperation<T, L, R> objects) {
      return new Kind(
          (namespace, name) -> objects.inNamespace(namespace).withName(name),
          namespace -> objects.inNamespace(namespace).list().getItems());
    }
  }

  private final Pods pods;
  private final Map<String, Kind> kinds;

  Owners(KubernetesClient client, Pods pods) {
    this.pods = pods;
    kinds =
        Map.of(
            "Deployment", Kind.of(client.apps().deployments()),
            "StatefulSet", Kind.of(client.apps().statefulSets()),
            "ReplicaSet", Kind.of(client.apps().replicaSets()),
            "DaemonSet", Kind.of(client.apps().daemonSets()),
            "Job", Kind.of(client.batch().v1().jobs()),
            "CronJob", Kind.of(client.batch().v1().cronjobs()));
  }

  /**
   * Of the pod that the alert is about, the topmost: the Deployment and not its ReplicaSet; also
   * what owned it before it was orphaned. Null if pod or owner is gone, there is none, or it is of
   * a kind that is not known here.
   */
  Found of(ContainmentRecord record) {
    Pod pod = pods.of(record);
    OwnerReference owner = pod == null ? null : Pods.controller(pod);
    String mark = pod == null ? null : Marks.of(pod, Marks.OWNER);
    if (owner == null && mark == null) {
      return null;
    }
    String[] was =
        owner == null
            ? mark.split("/")
            : new String[] {owner.getKind(), owner.getName(), owner.getUid()};
    String namespace = pod.getMetadata().getNamespace();
    Found first = find(namespace, was[0], was[1]);
    if (first == null || !first.object().getMetadata().getUid().equals(was[2])) {
      return null;
    }
    for (OwnerReference above : first.object().getMetadata().getOwnerReferences()) {
      if (Boolean.TRUE.equals(above.getController())) {
        Found top = find(namespace, above.getKind(), above.getName());
        return top == null ? first : top;
      }
    }
    return first;
  }

  private Found find(String namespace, String kind, String name) {
    return kinds.containsKey(kind) ? Found.of(kinds.get(kind).named.apply(namespace, name)) : null;
  }

  /** That a step has marked so, whatever has become of its pods; null if none is. */
  Found marked(String namespace, String annotation, String key, List<String> ofKinds) {
    for (String name : ofKinds) {
      Kind kind = kinds.get(name);
      for (HasMetadata each : kind.within.apply(namespace)) {
        if (Marks.isOf(each, annotation, key)) {
          return new Found(kind.named.apply(namespace, each.getMetadata().getName()), each);
        }
      }
    }
    return null;
  }
}
