package dev.interdict.response.kubernetes;

import dev.interdict.response.StepOrder;
import dev.interdict.response.StepResult;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.util.List;
import java.util.Map;

/**
 * A NetworkPolicy that allows nothing, for this pod alone. Policies add up: what another one that
 * selects the pod allows stays allowed, until the pod is an orphan, which only this one selects.
 */
final class Isolate implements KubernetesSteps.Action {
  private final KubernetesClient client;
  private final Pods pods;

  Isolate(KubernetesClient client, Pods pods) {
    this.client = client;
    this.pods = pods;
  }

  @Override
  public StepResult run(StepOrder order) {
    Pod pod = pods.of(order.containment());
    if (pod == null) {
      return StepResult.refused("the pod is gone");
    }
    String id = order.containment().id();
    Resource<NetworkPolicy> resource = resource(pod.getMetadata().getNamespace(), id);
    if (resource.get() == null) {
      create(pod, order);
    }
    String label = label(pod);
    if (label != null && !label.equals(id)) {
      return StepResult.again("the pod is isolated by containment " + label);
    }
    if (label == null) {
      pods.patch(pod, Marks.metadata(pod, Map.of(), Map.of(Marks.CONTAINED, id)));
    }
    Pod now = pods.of(order.containment());
    if (now == null || !id.equals(label(now)) || resource.get() == null) {
      return StepResult.failed("the policy or the pod's label is not there");
    }
    List<String> others = others(now, name(id));
    return StepResult.done(
        "NetworkPolicy "
            + name(id)
            + ", in force if the cluster's network plugin enforces policies"
            + (others.isEmpty() ? "" : "; what these allow stays allowed: " + others));
  }

  private void create(Pod pod, StepOrder order) {
    String id = order.containment().id();
    try {
      client
          .network()
          .v1()
          .networkPolicies()
          .inNamespace(pod.getMetadata().getNamespace())
          .resource(
              new NetworkPolicyBuilder()
                  .withNewMetadata()
                  .withName(name(id))
                  .addToLabels("app.kubernetes.io/managed-by", "interdict")
                  .addToLabels(Marks.CONTAINED, id)
                  // It goes with the pod, whatever becomes of us.
                  .addNewOwnerReference()
                  .withApiVersion("v1")
                  .withKind("Pod")
                  .withName(pod.getMetadata().getName())
                  .withUid(pod.getMetadata().getUid())
                  .endOwnerReference()
                  .endMetadata()
                  .withNewSpec()
                  .withNewPodSelector()
                  .addToMatchLabels(Marks.CONTAINED, id)
                  .endPodSelector()
                  .withPolicyTypes("Ingress", "Egress")
                  .endSpec()
                  .build())
          .create();
    } catch (KubernetesClientException e) {
      if (e.getCode() != 409) { // there by now
        throw e;
      }
    }
  }

  private List<String> others(Pod pod, String own) {
    return client
        .network()
        .v1()
        .networkPolicies()
        .inNamespace(pod.getMetadata().getNamespace())
        .list()
        .getItems()
        .stream()
        .filter(
            policy ->
                WatchedWorkloads.selects(
                    policy.getSpec().getPodSelector(), pod.getMetadata().getLabels()))
        .map(policy -> policy.getMetadata().getName())
        .filter(name -> !name.equals(own))
        .toList();
  }

  private Resource<NetworkPolicy> resource(String namespace, String id) {
    return client.network().v1().networkPolicies().inNamespace(namespace).withName(name(id));
  }

  private static String name(String id) {
    return "interdict-" + id;
  }

  private static String label(Pod pod) {
    Map<String, String> labels = pod.getMetadata().getLabels();
    return labels == null ? null : labels.get(Marks.CONTAINED);
  }

  /** The label of an orphan stays: it has no other. */
  @Override
  public StepResult undo(StepOrder order) {
    String id = order.containment().id();
    resource(order.containment().alert().getEntity().getContainer().getNamespace(), id).delete();
    Pod pod = pods.of(order.containment());
    if (pod != null && id.equals(label(pod)) && Marks.of(pod, Marks.ORPHANED) == null) {
      pods.patch(pod, Marks.metadata(pod, Map.of(), Marks.one(Marks.CONTAINED, null)));
    }
    return StepResult.done("NetworkPolicy " + name(id) + " is deleted");
  }
}
