package dev.interdict.response.kubernetes;

import dev.interdict.response.StepOrder;
import dev.interdict.response.StepResult;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Cordons a node and evicts what runs there, as far as disruption budgets allow. What stays: pods
 * that a DaemonSet or the node itself would start again, pods that nothing would replace, parts of
 * Interdict, and what is contained, which is evidence.
 */
final class Drain implements KubernetesSteps.Action {
  private static final int NAMED = 5;

  private final Pods pods;
  private final Nodes nodes;

  Drain(Pods pods, Nodes nodes) {
    this.pods = pods;
    this.nodes = nodes;
  }

  @Override
  public StepResult run(StepOrder order) {
    Node node = nodes.of(order);
    if (node == null) {
      return StepResult.refused(Nodes.unknown(order));
    }
    StepResult cordoned = Cordon.cordon(nodes, node, order.key());
    if (cordoned.status() != StepResult.Status.DONE) {
      return cordoned;
    }
    Pod target = pods.of(order.containment());
    Duration grace = Duration.parse(order.parameter("grace"));
    List<String> held = new ArrayList<>();
    List<String> leaving = new ArrayList<>();
    List<String> bare = new ArrayList<>();
    for (Pod pod : nodes.pods(node)) {
      String name = pod.getMetadata().getNamespace() + "/" + pod.getMetadata().getName();
      if (Pods.hasEnded(pod) || stays(pod) || isSame(pod, target)) {
        continue;
      }
      if (Pods.controller(pod) == null) {
        bare.add(name);
      } else if (pod.getMetadata().getDeletionTimestamp() != null
          || pods.evict(pod, grace.isZero() ? null : Long.valueOf(grace.toSeconds()))) {
        leaving.add(name);
      } else {
        held.add(name);
      }
    }
    if (!held.isEmpty()) {
      return StepResult.again("disruption budgets hold " + some(held));
    }
    if (!leaving.isEmpty()) {
      return StepResult.again("not gone yet: " + some(leaving));
    }
    String name = node.getMetadata().getName();
    return StepResult.done(
        name
            + " is drained"
            + (bare.isEmpty() ? "" : "; nothing would replace, and so stays: " + some(bare)));
  }

  private static boolean stays(Pod pod) {
    OwnerReference owner = Pods.controller(pod);
    Map<String, String> labels = pod.getMetadata().getLabels();
    return Pods.isStatic(pod)
        || owner != null && owner.getKind().equals("DaemonSet")
        || labels != null
            && (labels.containsKey(Marks.CONTAINED)
                || "interdict".equals(labels.get(WatchedWorkloads.PART_OF)));
  }

  private static boolean isSame(Pod pod, Pod other) {
    return other != null && pod.getMetadata().getUid().equals(other.getMetadata().getUid());
  }

  private static String some(List<String> names) {
    return names.size() <= NAMED
        ? String.join(", ", names)
        : String.join(", ", names.subList(0, NAMED)) + " and " + (names.size() - NAMED) + " more";
  }

  /** What was evicted does not come back. */
  @Override
  public StepResult undo(StepOrder order) {
    return Cordon.uncordon(nodes, order.key());
  }
}
