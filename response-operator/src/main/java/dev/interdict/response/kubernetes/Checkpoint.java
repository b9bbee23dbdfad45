package dev.interdict.response.kubernetes;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.interdict.response.StepOrder;
import dev.interdict.response.StepResult;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;

/**
 * Has the kubelet write the container's memory and state to the node's disk, below
 * /var/lib/kubelet/checkpoints. Needs the feature ContainerCheckpoint, a runtime that can do it and
 * criu on the node; where one is missing the kubelet's reason is told.
 */
final class Checkpoint implements KubernetesSteps.Action {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final KubernetesClient client;
  private final Pods pods;

  Checkpoint(KubernetesClient client, Pods pods) {
    this.client = client;
    this.pods = pods;
  }

  @Override
  public StepResult run(StepOrder order) {
    Pod pod = pods.of(order.containment());
    if (pod == null) {
      return StepResult.refused("the pod is gone");
    }
    String container = container(pod, order);
    if (container == null) {
      return StepResult.refused("the pod has no such container any more");
    }
    Duration timeout = Duration.parse(order.parameter("timeout"));
    String uri =
        "/api/v1/nodes/%s/proxy/checkpoint/%s/%s/%s?timeout=%d"
            .formatted(
                pod.getSpec().getNodeName(),
                pod.getMetadata().getNamespace(),
                pod.getMetadata().getName(),
                container,
                timeout.toSeconds());
    try {
      JsonNode items = JSON.readTree(client.raw(uri, "POST", null)).path("items");
      return items.isEmpty()
          ? StepResult.failed("the kubelet named no file")
          : StepResult.done(pod.getSpec().getNodeName() + ":" + items.get(0).asText());
    } catch (KubernetesClientException e) {
      // It would be no other another time, and the container may not live as long.
      return e.getCode() == 403
          ? KubernetesSteps.of(e)
          : StepResult.failed("the kubelet does not make a checkpoint: " + e.getMessage());
    } catch (JsonProcessingException e) {
      return StepResult.failed("the kubelet's answer is not JSON: " + e.getOriginalMessage());
    }
  }

  /** By its id: names of containers come from the node. */
  private static String container(Pod pod, StepOrder order) {
    String id = order.containment().alert().getEntity().getContainer().getId();
    for (ContainerStatus status : pod.getStatus().getContainerStatuses()) {
      if (!id.isEmpty()
          && status.getContainerID() != null
          && status.getContainerID().endsWith("//" + id)) {
        return status.getName();
      }
    }
    return null;
  }
}
