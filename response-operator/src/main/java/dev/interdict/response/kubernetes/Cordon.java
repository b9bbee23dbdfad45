package dev.interdict.response.kubernetes;

import dev.interdict.response.StepOrder;
import dev.interdict.response.StepResult;
import io.fabric8.kubernetes.api.model.Node;
import java.util.Map;

/** Lets no more pods onto a node. One that was cordoned before stays so when this is taken back. */
final class Cordon implements KubernetesSteps.Action {
  private final Nodes nodes;

  Cordon(Nodes nodes) {
    this.nodes = nodes;
  }

  @Override
  public StepResult run(StepOrder order) {
    Node node = nodes.of(order);
    return node == null
        ? StepResult.refused(Nodes.unknown(order))
        : cordon(nodes, node, order.key());
  }

  static StepResult cordon(Nodes nodes, Node node, String key) {
    String name = node.getMetadata().getName();
    if (isCordoned(node)) {
      return StepResult.done(
          key.equals(Marks.of(node, Marks.CORDONED))
              ? name + " is cordoned"
              : name + " was cordoned already");
    }
    nodes.patch(node, Map.of(Marks.CORDONED, key), Map.of("unschedulable", true));
    Node now = nodes.again(node);
    return now != null && isCordoned(now)
        ? StepResult.done(name + " is cordoned")
        : StepResult.failed(name + " was cordoned and is not");
  }

  private static boolean isCordoned(Node node) {
    return Boolean.TRUE.equals(node.getSpec().getUnschedulable());
  }

  @Override
  public StepResult undo(StepOrder order) {
    return uncordon(nodes, order.key());
  }

  static StepResult uncordon(Nodes nodes, String key) {
    Node node = nodes.marked(Marks.CORDONED, key);
    if (node == null) {
      return StepResult.done("no node is cordoned by this step");
    }
    nodes.patch(node, Marks.one(Marks.CORDONED, null), Marks.one("unschedulable", (Object) null));
    return StepResult.done(node.getMetadata().getName() + " is uncordoned");
  }
}
