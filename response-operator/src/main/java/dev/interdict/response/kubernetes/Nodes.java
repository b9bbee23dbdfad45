package dev.interdict.response.kubernetes;

import dev.interdict.response.StepOrder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;
import java.util.Map;

/** The cluster's nodes, as the API server has them at this moment. Blocks. */
final class Nodes {
  private final KubernetesClient client;
  private final Pods pods;

  Nodes(KubernetesClient client, Pods pods) {
    this.client = client;
    this.pods = pods;
  }

  /** On which the alert came to be: that of its pod, or that which the agent is named after. */
  Node of(StepOrder order) {
    Pod pod = pods.of(order.containment());
    String name = pod == null ? order.nodeName() : pod.getSpec().getNodeName();
    return name == null || name.isEmpty() ? null : client.nodes().withName(name).get();
  }

  static String unknown(StepOrder order) {
    return "no node of the cluster is named `"
        + order.nodeName()
        + "`; agents must be run with --name NODE";
  }

  /** That a step has marked so; null if none is. */
  Node marked(String annotation, String key) {
    for (Node node : client.nodes().list().getItems()) {
      if (Marks.isOf(node, annotation, key)) {
        return node;
      }
    }
    return null;
  }

  Node again(Node node) {
    return client.nodes().withName(node.getMetadata().getName()).get();
  }

  void patch(Node node, Map<String, String> annotations, Map<String, Object> spec) {
    client
        .nodes()
        .withName(node.getMetadata().getName())
        .patch(Marks.MERGE, Marks.patch(Marks.metadata(node, annotations, Map.of()), spec));
  }

  List<Pod> pods(Node node) {
    return pods.on(node.getMetadata().getName());
  }
}
