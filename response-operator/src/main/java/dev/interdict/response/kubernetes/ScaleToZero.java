package dev.interdict.response.kubernetes;

import dev.interdict.response.StepOrder;
import dev.interdict.response.StepResult;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.util.Map;

/** Ends a workload until it is taken back, which gives it the replicas that it had. */
final class ScaleToZero implements KubernetesSteps.Action {
  private final Pods pods;
  private final Owners owners;

  ScaleToZero(Pods pods, Owners owners) {
    this.pods = pods;
    this.owners = owners;
  }

  @Override
  public StepResult run(StepOrder order) {
    Pod pod = pods.of(order.containment());
    Resource<? extends HasMetadata> resource = pod == null ? null : owners.of(pod);
    HasMetadata owner = resource == null ? null : resource.get();
    if (owner == null) {
      return StepResult.refused("the pod is gone, or belongs to nothing that could be scaled");
    }
    Integer replicas = replicas(owner);
    if (replicas == null) {
      return StepResult.refused(Owners.text(owner) + " has no number of replicas");
    }
    String mark = Marks.of(owner, Marks.SCALED);
    if (mark != null && !mark.startsWith(order.key() + " ")) {
      return StepResult.done(Owners.text(owner) + " is scaled to zero by another containment");
    }
    if (mark == null) {
      String key = order.key() + " " + replicas + " " + pod.getMetadata().getName();
      scale(resource, owner, key, 0);
      owner = resource.get();
    }
    return owner != null && Integer.valueOf(0).equals(replicas(owner))
        ? StepResult.done(Owners.text(owner) + " had " + had(Marks.of(owner, Marks.SCALED)))
        : StepResult.failed("it was scaled to zero and is not");
  }

  private static void scale(
      Resource<? extends HasMetadata> resource, HasMetadata owner, String mark, int replicas) {
    resource.patch(
        Marks.MERGE,
        Marks.patch(
            Marks.metadata(owner, Marks.one(Marks.SCALED, mark), Map.of()),
            Map.of("replicas", replicas)));
  }

  private static int had(String mark) {
    return Integer.parseInt(mark.split(" ")[1]);
  }

  private static Integer replicas(HasMetadata owner) {
    if (owner instanceof Deployment deployment) {
      return deployment.getSpec().getReplicas();
    }
    if (owner instanceof StatefulSet set) {
      return set.getSpec().getReplicas();
    }
    return owner instanceof ReplicaSet set ? set.getSpec().getReplicas() : null;
  }

  /** The pod is gone by now; its workload is known by the mark. */
  @Override
  public StepResult undo(StepOrder order) {
    String namespace = order.containment().alert().getEntity().getContainer().getNamespace();
    for (Resource<? extends HasMetadata> resource : owners.scalable(namespace)) {
      HasMetadata owner = resource.item();
      String mark = Marks.of(owner, Marks.SCALED);
      if (mark != null && mark.startsWith(order.key() + " ")) {
        boolean untouched = Integer.valueOf(0).equals(replicas(owner));
        int replicas = untouched ? had(mark) : replicas(owner);
        scale(resource, owner, null, replicas);
        return StepResult.done(
            Owners.text(owner)
                + (untouched ? " has " : " was scaled by another meanwhile, and keeps ")
                + replicas
                + " replicas");
      }
    }
    return StepResult.done("nothing is scaled by this step");
  }
}
