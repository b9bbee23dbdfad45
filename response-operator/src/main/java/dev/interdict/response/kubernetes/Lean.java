package dev.interdict.response.kubernetes;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetBuilder;
import java.util.List;
import java.util.Map;

/** What is kept of the objects that are watched. */
final class Lean {
  /** The kubelet's mark on the pod that stands for one of its own files. */
  static final String MIRROR = "kubernetes.io/config.mirror";

  private Lean() {}

  static Pod pod(Pod pod) {
    return new PodBuilder()
        .withMetadata(metadata(pod, pod.getMetadata().getLabels()))
        .withNewSpec()
        .withNodeName(pod.getSpec().getNodeName())
        .endSpec()
        .withNewStatus()
        .withConditions(pod.getStatus().getConditions().stream().filter(Lean::isReady).toList())
        .withContainerStatuses(
            pod.getStatus().getContainerStatuses().stream().map(Lean::restarts).toList())
        .endStatus()
        .build();
  }

  private static ContainerStatus restarts(ContainerStatus status) {
    return new ContainerStatusBuilder()
        .withName(status.getName())
        .withRestartCount(status.getRestartCount())
        .build();
  }

  static ReplicaSet replicaSet(ReplicaSet set) {
    return new ReplicaSetBuilder().withMetadata(metadata(set, Map.of())).build();
  }

  static Job job(Job job) {
    return new JobBuilder().withMetadata(metadata(job, Map.of())).build();
  }

  static PodDisruptionBudget budget(PodDisruptionBudget budget) {
    return new PodDisruptionBudgetBuilder(budget).withMetadata(metadata(budget, Map.of())).build();
  }

  private static ObjectMeta metadata(HasMetadata object, Map<String, String> labels) {
    ObjectMeta whole = object.getMetadata();
    return new ObjectMetaBuilder()
        .withUid(whole.getUid())
        .withNamespace(whole.getNamespace())
        .withName(whole.getName())
        .withResourceVersion(whole.getResourceVersion())
        .withDeletionTimestamp(whole.getDeletionTimestamp())
        .withLabels(labels == null ? Map.of() : labels)
        .withAnnotations(
            whole.getAnnotations() != null && whole.getAnnotations().containsKey(MIRROR)
                ? Map.of(MIRROR, "")
                : Map.of())
        .withOwnerReferences(controllers(object))
        .build();
  }

  static boolean isReady(PodCondition condition) {
    return condition.getType().equals("Ready") && condition.getStatus().equals("True");
  }

  private static List<OwnerReference> controllers(HasMetadata object) {
    return object.getMetadata().getOwnerReferences().stream()
        .filter(owner -> Boolean.TRUE.equals(owner.getController()))
        .toList();
  }
}
