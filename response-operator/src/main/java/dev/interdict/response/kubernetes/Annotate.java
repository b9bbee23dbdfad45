package dev.interdict.response.kubernetes;

import dev.interdict.response.StepOrder;
import dev.interdict.response.StepResult;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.util.Map;

/**
 * Writes an annotation for people or other controllers. One that says otherwise is not overwritten.
 */
final class Annotate implements KubernetesSteps.Action {
  private final KubernetesClient client;
  private final Pods pods;
  private final Owners owners;
  private final Nodes nodes;

  Annotate(KubernetesClient client, Pods pods, Owners owners, Nodes nodes) {
    this.client = client;
    this.pods = pods;
    this.owners = owners;
    this.nodes = nodes;
  }

  @Override
  public StepResult run(StepOrder order) {
    Resource<? extends HasMetadata> resource = resource(order);
    HasMetadata object = resource == null ? null : resource.get();
    if (object == null) {
      return StepResult.refused("there is no " + order.parameter("on") + " of it");
    }
    String key = order.parameter("key");
    String value = order.parameter("value");
    String now = Marks.of(object, key);
    if (now != null && !now.equals(value)) {
      return StepResult.refused(Owners.text(object) + " has " + key + "=" + now);
    }
    if (now == null) {
      write(resource, object, key, value);
      object = resource.get();
    }
    return object != null && value.equals(Marks.of(object, key))
        ? StepResult.done(Owners.text(object) + " has " + key)
        : StepResult.failed(key + " was written and is not there");
  }

  /** Null if it is not known. */
  private Resource<? extends HasMetadata> resource(StepOrder order) {
    if (order.parameter("on").equals("node")) {
      Node node = nodes.of(order);
      return node == null ? null : client.nodes().withName(node.getMetadata().getName());
    }
    Pod pod = pods.of(order.containment());
    if (pod == null) {
      return null;
    }
    return order.parameter("on").equals("pod") ? pods.resource(pod) : owners.of(pod);
  }

  private static void write(
      Resource<? extends HasMetadata> resource, HasMetadata object, String key, String value) {
    resource.patch(
        Marks.MERGE,
        Marks.patch(Marks.metadata(object, Marks.one(key, value), Map.of()), Map.of()));
  }

  @Override
  public StepResult undo(StepOrder order) {
    Resource<? extends HasMetadata> resource = resource(order);
    HasMetadata object = resource == null ? null : resource.get();
    String key = order.parameter("key");
    if (object == null || !order.parameter("value").equals(Marks.of(object, key))) {
      return StepResult.done("nothing is annotated by this step");
    }
    write(resource, object, key, null);
    return StepResult.done(Owners.text(object) + " has " + key + " no more");
  }
}
