package dev.interdict.response.kubernetes;

import dev.interdict.response.StepOrder;
import dev.interdict.response.StepResult;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;

/** Deletes a pod, or evicts it, which disruption budgets may put off. Its owner makes another. */
final class RemovePod implements KubernetesSteps.Action {
  private final Pods pods;
  private final boolean evict;

  RemovePod(Pods pods, boolean evict) {
    this.pods = pods;
    this.evict = evict;
  }

  @Override
  public StepResult run(StepOrder order) {
    Pod pod = pods.of(order.containment());
    if (pod == null) {
      return StepResult.done("the pod is gone");
    }
    String name = pod.getMetadata().getName();
    if (Pods.isStatic(pod)) {
      return StepResult.refused(name + " is a static pod: its node would only start it again");
    }
    if (Pods.controller(pod) == null && !Boolean.parseBoolean(order.parameter("bare"))) {
      return StepResult.refused(
          name + " belongs to nothing that would replace it; `bare: true` removes it all the same");
    }
    if (pod.getMetadata().getDeletionTimestamp() == null) {
      Long grace = grace(order);
      if (!evict) {
        pods.delete(pod, grace);
      } else if (!pods.evict(pod, grace)) {
        return StepResult.again("a disruption budget does not let " + name + " go now");
      }
    }
    return pods.isLeaving(pod)
        ? StepResult.done(name + " is " + (evict ? "evicted" : "deleted"))
        : StepResult.failed(name + " stays");
  }

  /**
   * What is frozen does not hear that it is to end; where cgroups are of version 2 it can be killed
   * all the same, else it ends as soon as it is thawed.
   */
  private static Long grace(StepOrder order) {
    Duration asked = Duration.parse(order.parameter("grace"));
    return asked.isZero() ? (order.frozen() ? 1L : null) : Long.valueOf(asked.toSeconds());
  }
}
