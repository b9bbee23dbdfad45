package dev.interdict.response.kubernetes;

import dev.interdict.response.StepOrder;
import dev.interdict.response.StepResult;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.time.Duration;
import java.util.Map;

/** Has a workload replace all of its pods, in the way that its own strategy says. */
final class RolloutRestart implements KubernetesSteps.Action {
  private static final Duration BEGUN_WITHIN = Duration.ofSeconds(10);

  private final Pods pods;
  private final Owners owners;

  RolloutRestart(Pods pods, Owners owners) {
    this.pods = pods;
    this.owners = owners;
  }

  @Override
  public StepResult run(StepOrder order) {
    Pod pod = pods.of(order.containment());
    Resource<? extends HasMetadata> resource = pod == null ? null : owners.of(pod);
    HasMetadata owner = resource == null ? null : resource.get();
    if (owner == null) {
      return StepResult.refused("the pod is gone, or belongs to nothing that could be restarted");
    }
    PodTemplateSpec template = template(owner);
    if (template == null) {
      return StepResult.refused(Owners.text(owner) + " has no rollout");
    }
    if (owner instanceof Deployment deployment
        && Boolean.TRUE.equals(deployment.getSpec().getPaused())) {
      return StepResult.refused(Owners.text(owner) + " is paused");
    }
    Map<String, String> annotations =
        template.getMetadata() == null ? null : template.getMetadata().getAnnotations();
    if (annotations == null || !order.key().equals(annotations.get(Marks.RESTARTED))) {
      resource.patch(
          Marks.MERGE,
          Marks.patch(
              Marks.metadata(owner, Map.of(), Map.of()),
              Map.of(
                  "template",
                  Map.of(
                      "metadata", Map.of("annotations", Map.of(Marks.RESTARTED, order.key()))))));
    }
    Boolean begun = Pods.await(BEGUN_WITHIN, () -> hasBegun(resource.get()) ? true : null);
    return begun == null
        ? StepResult.again(Owners.text(owner) + " has not begun to restart")
        : StepResult.done(Owners.text(owner) + " restarts, as its strategy says");
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
    Long observed =
        owner instanceof Deployment deployment
            ? deployment.getStatus().getObservedGeneration()
            : owner instanceof StatefulSet set
                ? set.getStatus().getObservedGeneration()
                : owner instanceof DaemonSet daemons
                    ? daemons.getStatus().getObservedGeneration()
                    : null;
    return observed != null && observed >= owner.getMetadata().getGeneration();
  }
}
