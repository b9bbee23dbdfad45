package dev.interdict.response.kubernetes;

import dev.interdict.response.StepOrder;
import dev.interdict.response.StepResult;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.util.List;
import java.util.Map;

/** Ends a workload until it is taken back, which gives it the replicas that it had. */
final class ScaleToZero implements KubernetesSteps.Action {
  private static final List<String> KINDS = List.of("Deployment", "StatefulSet", "ReplicaSet");

  private final Owners owners;

  ScaleToZero(Owners owners) {
    this.owners = owners;
  }

  @Override
  public StepResult run(StepOrder order) {
    Found owner = owners.of(order.containment());
    if (owner == null) {
      return StepResult.refused("the pod is gone, or belongs to nothing that could be scaled");
    }
    Integer replicas = replicas(owner.object());
    if (replicas == null) {
      return StepResult.refused(owner + " has no number of replicas");
    }
    if (Marks.isOf(owner.object(), Marks.SCALED, order.key())) {
      return scaled(owner, had(owner.object()));
    }
    if (Marks.of(owner.object(), Marks.SCALED) != null) {
      return StepResult.done(owner + " is scaled to zero by another containment");
    }
    scale(owner, order.key() + " " + replicas, 0);
    return scaled(owner, replicas);
  }

  private static StepResult scaled(Found owner, int had) {
    HasMetadata now = owner.again();
    return now != null && Integer.valueOf(0).equals(replicas(now))
        ? StepResult.done(owner + " had " + had)
        : StepResult.failed(owner + " was scaled to zero and is not");
  }

  private static void scale(Found owner, String mark, int replicas) {
    owner.patch(Marks.one(Marks.SCALED, mark), Map.of("replicas", replicas));
  }

  private static int had(HasMetadata owner) {
    return Integer.parseInt(Marks.of(owner, Marks.SCALED).split(" ")[1]);
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
    Found owner = owners.marked(namespace, Marks.SCALED, order.key(), KINDS);
    if (owner == null) {
      return StepResult.done("nothing is scaled by this step");
    }
    Integer now = replicas(owner.object());
    if (now != 0) {
      scale(owner, null, now);
      return StepResult.done(
          owner + " was scaled by another meanwhile, and keeps " + now + " replicas");
    }
    scale(owner, null, had(owner.object()));
    return StepResult.done(owner + " has " + had(owner.object()) + " replicas");
  }
}
