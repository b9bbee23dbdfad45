package dev.interdict.response.kubernetes;

import dev.interdict.response.StepOrder;
import dev.interdict.response.StepResult;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.time.Duration;
import java.util.Map;

/** Has a workload replace all of its pods, in the way that its own strategy says. */
final class RolloutRestart implements KubernetesSteps.Action {
  private static final Duration BEGUN_WITHIN = Duration.ofSeconds(10);

  private final Owners owners;

  RolloutRestart(Owners owners) {
    this.owners = owners;
  }

  @Override
  public StepResult run(StepOrder order) {
    Found owner = owners.of(order.containment());
    if (owner == null) {
      return StepResult.refused("the pod is gone, or belongs to nothing that could be restarted");
    }
    PodTemplateSpec template = template(owner.object());
    if (template == null) {
      return StepResult.refused(owner + " has no rollout");
    }
    if (owner.object() instanceof Deployment deployment
        && Boolean.TRUE.equals(deployment.getSpec().getPaused())) {
      return StepResult.refused(owner + " is paused");
    }
    Map<String, String> annotations =
        template.getMetadata() == null ? null : template.getMetadata().getAnnotations();
    if (annotations == null || !order.key().equals(annotations.get(Marks.RESTARTED))) {
      owner.patch(
          Map.of(),
          Map.of(
              "template",
              Map.of("metadata", Map.of("annotations", Map.of(Marks.RESTARTED, order.key())))));
    }
    Boolean begun = Pods.await(BEGUN_WITHIN, () -> hasBegun(owner.again()) ? true : null);
    return begun == null
        ? StepResult.again(owner + " has not begun to restart")
        : StepResult.done(owner + " restarts, as its strategy says");
  }

  private static PodTemplateSpec template(HasMetadata owner) {
    if (owner instanceof Deployment deployment) {
      return deployment.getSpec().getTemplate();
    }
    if (owner instanceof StatefulSet set) {
      return set.getSpec().getTemplate();
    }
    return owner instanceof DaemonSet set ? set.getSpec().getTemplate() : null;
  }

  /** Its controller has seen the change. */
  private static boolean hasBegun(HasMetadata owner) {
    Long observed = null;
    if (owner instanceof Deployment deployment) {
      observed = deployment.getStatus().getObservedGeneration();
    } else if (owner instanceof StatefulSet set) {
      observed = set.getStatus().getObservedGeneration();
    } else if (owner instanceof DaemonSet set) {
      observed = set.getStatus().getObservedGeneration();
    }
    return observed != null && observed >= owner.getMetadata().getGeneration();
  }
}
