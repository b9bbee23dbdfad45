package dev.interdict.response.kubernetes;

import dev.interdict.response.StepOrder;
import dev.interdict.response.StepResult;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Writes an annotation for people or other controllers, and a mark beside it. One that says
 * otherwise is not overwritten; one that was there before is not taken back.
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
    Found found = find(order);
    if (found == null) {
      return StepResult.refused("there is no " + order.parameter("on") + " of it");
    }
    String key = order.parameter("key");
    String value = order.parameter("value");
    String now = Marks.of(found.object(), key);
    if (now != null && !now.equals(value)) {
      return StepResult.refused(found + " has " + key + "=" + now);
    }
    if (now != null) {
      return StepResult.done(found + " has " + key);
    }
    Map<String, String> annotations = new LinkedHashMap<>();
    annotations.put(key, value);
    annotations.put(Marks.annotated(order.key()), order.key());
    found.patch(annotations, Map.of());
    HasMetadata written = found.again();
    return written != null && value.equals(Marks.of(written, key))
        ? StepResult.done(found + " has " + key)
        : StepResult.failed(key + " was written and is not there");
  }

  /** Null if it is not known. */
  private Found find(StepOrder order) {
    return switch (order.parameter("on")) {
      case "node" -> of(nodes.of(order));
      case "owner" -> owners.of(order.containment());
      default -> of(pods.of(order.containment()));
    };
  }

  private Found of(Node node) {
    return node == null
        ? null
        : new Found(client.nodes().withName(node.getMetadata().getName()), node);
  }

  private Found of(Pod pod) {
    return pod == null ? null : new Found(pods.resource(pod), pod);
  }

  /** The pod may be gone by now; what is annotated is known by the mark. */
  @Override
  public StepResult undo(StepOrder order) {
    String mark = Marks.annotated(order.key());
    String namespace = order.containment().alert().getEntity().getContainer().getNamespace();
    Found found =
        switch (order.parameter("on")) {
          case "node" -> of(nodes.marked(mark, order.key()));
          case "owner" -> owners.marked(namespace, mark, order.key(), Owners.KINDS);
          default -> of(pods.of(order.containment()));
        };
    if (found == null || !Marks.isOf(found.object(), mark, order.key())) {
      return StepResult.done("nothing is annotated by this step");
    }
    String key = order.parameter("key");
    Map<String, String> annotations = Marks.one(mark, null);
    boolean ours = order.parameter("value").equals(Marks.of(found.object(), key));
    if (ours) {
      annotations.put(key, null);
    }
    found.patch(annotations, Map.of());
    return StepResult.done(
        found + (ours ? " has " + key + " no more" : ": " + key + " was changed by another"));
  }
}
