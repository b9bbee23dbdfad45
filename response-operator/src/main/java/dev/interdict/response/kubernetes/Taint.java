package dev.interdict.response.kubernetes;

import dev.interdict.response.StepOrder;
import dev.interdict.response.StepResult;
import io.fabric8.kubernetes.api.model.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Taints a node. The effect NoExecute ends every pod there that does not tolerate it, whatever its
 * disruption budgets.
 */
final class Taint implements KubernetesSteps.Action {
  private final Nodes nodes;

  Taint(Nodes nodes) {
    this.nodes = nodes;
  }

  @Override
  public StepResult run(StepOrder order) {
    Node node = nodes.of(order);
    if (node == null) {
      return StepResult.refused(Nodes.unknown(order));
    }
    io.fabric8.kubernetes.api.model.Taint taint =
        new io.fabric8.kubernetes.api.model.Taint(
            order.parameter("effect"), order.parameter("key"), null, order.parameter("value"));
    String text = taint.getKey() + "=" + taint.getValue() + ":" + taint.getEffect();
    String name = node.getMetadata().getName();
    if (find(node, taint.getKey(), taint.getEffect()) != null) {
      return StepResult.done(name + " has a taint " + taint.getKey());
    }
    List<Object> all = new ArrayList<>(node.getSpec().getTaints());
    all.add(taint);
    nodes.patch(node, Map.of(Marks.TAINTED, order.key() + " " + text), Map.of("taints", all));
    Node now = nodes.again(node);
    return now != null && find(now, taint.getKey(), taint.getEffect()) != null
        ? StepResult.done(name + " has the taint " + text)
        : StepResult.failed(name + " was tainted and is not");
  }

  private static io.fabric8.kubernetes.api.model.Taint find(Node node, String key, String effect) {
    for (io.fabric8.kubernetes.api.model.Taint taint : node.getSpec().getTaints()) {
      if (taint.getKey().equals(key) && taint.getEffect().equals(effect)) {
        return taint;
      }
    }
    return null;
  }

  @Override
  public StepResult undo(StepOrder order) {
    Node node = nodes.marked(Marks.TAINTED, order.key());
    if (node == null) {
      return StepResult.done("no node is tainted by this step");
    }
    List<Object> others = new ArrayList<>(node.getSpec().getTaints());
    others.remove(find(node, order.parameter("key"), order.parameter("effect")));
    nodes.patch(node, Marks.one(Marks.TAINTED, null), Map.of("taints", others));
    return StepResult.done(node.getMetadata().getName() + " has the taint no more");
  }
}
