package dev.interdict.response.kubernetes;

import dev.interdict.response.StepOrder;
import dev.interdict.response.StepResult;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Takes its labels and its owner from a pod: Services drop it, no other NetworkPolicy selects it
 * any more, and its controller makes another in its place, while it stays for whoever investigates.
 *
 * <p>Taken back, the orphan is deleted: its place is taken, and its attacker must not go on in a
 * pod that nobody looks after.
 */
final class Orphan implements KubernetesSteps.Action {
  private static final Duration REPLACED_WITHIN = Duration.ofSeconds(30);
  private static final long END_SECONDS = 1; // what is frozen does not hear of its end anyway

  private final KubernetesClient client;
  private final Pods pods;

  Orphan(KubernetesClient client, Pods pods) {
    this.client = client;
    this.pods = pods;
  }

  @Override
  public StepResult run(StepOrder order) {
    Pod pod = pods.of(order.containment());
    if (pod == null) {
      return StepResult.refused("the pod is gone");
    }
    if (!order.key().equals(Marks.of(pod, Marks.ORPHANED))) {
      OwnerReference owner = Pods.controller(pod);
      String obstacle = obstacle(pod, owner);
      if (obstacle != null) {
        return StepResult.refused(obstacle);
      }
      orphan(pod, owner, order);
      pod = pods.of(order.containment());
      if (pod == null || Pods.controller(pod) != null) {
        return StepResult.failed("it was orphaned and is not");
      }
    }
    return replaced(pod);
  }

  private static String obstacle(Pod pod, OwnerReference owner) {
    String name = pod.getMetadata().getName();
    if (Pods.isStatic(pod)) {
      return name + " is a static pod: its node would only start it again";
    }
    if (owner == null) {
      return name + " belongs to nothing that would replace it";
    }
    return switch (owner.getKind()) {
      case "ReplicaSet", "DaemonSet" -> null;
      case "StatefulSet" ->
          name
              + " belongs to StatefulSet "
              + owner.getName()
              + ": its replacement would need the name and the volumes that it holds";
      case "Job" ->
          name + " belongs to Job " + owner.getName() + ", which would begin its work again";
      default -> owner.getKind() + " is not known to replace its pods";
    };
  }

  private void orphan(Pod pod, OwnerReference owner, StepOrder order) {
    Map<String, String> before = pod.getMetadata().getLabels();
    Map<String, String> labels = new LinkedHashMap<>();
    for (String label : before == null ? List.<String>of() : before.keySet()) {
      if (!Marks.isOurs(label)) {
        labels.put(label, null);
      }
    }
    labels.put(Marks.CONTAINED, order.containment().id());
    Map<String, String> annotations = new LinkedHashMap<>();
    annotations.put(Marks.ORPHANED, order.key());
    annotations.put(Marks.LABELS, Marks.json(before == null ? Map.of() : before));
    annotations.put(Marks.OWNER, owner.getKind() + "/" + owner.getName() + "/" + owner.getUid());
    Map<String, Object> metadata = Marks.metadata(pod, annotations, labels);
    metadata.put("ownerReferences", null);
    pods.patch(pod, metadata);
  }

  /** What makes the replacement. */
  private record Replacing(LabelSelector selector, Integer wanted) {}

  private StepResult replaced(Pod orphan) {
    String[] owner = Marks.of(orphan, Marks.OWNER).split("/");
    String namespace = orphan.getMetadata().getNamespace();
    String what = owner[0] + " " + owner[1];
    Replacing set = set(namespace, owner[0], owner[1]);
    if (set == null) {
      return StepResult.done("orphaned; " + what + " is gone and makes no other");
    }
    int wanted = set.wanted == null ? 1 : set.wanted;
    List<Pod> ready =
        Pods.await(
            REPLACED_WITHIN,
            () -> {
              List<Pod> now = pods.readyOf(namespace, set.selector, owner[2]);
              return now.size() >= wanted ? now : null;
            });
    return ready == null
        ? StepResult.done(
            "orphaned; %s has not %d ready pods after %d s"
                .formatted(what, wanted, REPLACED_WITHIN.toSeconds()))
        : StepResult.done("orphaned; %s has %d ready pods".formatted(what, ready.size()));
  }

  private Replacing set(String namespace, String kind, String name) {
    if (kind.equals("ReplicaSet")) {
      ReplicaSet set = client.apps().replicaSets().inNamespace(namespace).withName(name).get();
      return set == null
          ? null
          : new Replacing(set.getSpec().getSelector(), set.getSpec().getReplicas());
    }
    DaemonSet set = client.apps().daemonSets().inNamespace(namespace).withName(name).get();
    return set == null
        ? null
        : new Replacing(set.getSpec().getSelector(), set.getStatus().getDesiredNumberScheduled());
  }

  @Override
  public StepResult undo(StepOrder order) {
    Pod pod = pods.of(order.containment());
    if (pod == null || !order.key().equals(Marks.of(pod, Marks.ORPHANED))) {
      return StepResult.done("the orphan is gone");
    }
    pods.delete(pod, END_SECONDS);
    return StepResult.done("the orphan is deleted, its place is taken");
  }
}
