package dev.interdict.response.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interdict.response.ContainmentRecord;
import dev.interdict.response.ContainmentState;
import dev.interdict.response.StepKind;
import dev.interdict.response.StepOrder;
import dev.interdict.response.StepResult;
import dev.interdict.response.StepResult.Status;
import dev.interdict.schema.Alert;
import dev.interdict.schema.Container;
import dev.interdict.schema.Entity;
import dev.interdict.schema.ResponseStep;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;

/** Real workloads on a real cluster, and steps that are asked for as the responder does. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class StepsOnCluster {
  static final Duration LIMIT = Duration.ofMinutes(2);
  private static final String NODE = "node1";

  RunningCluster cluster;
  KubernetesClient client;
  private KubernetesSteps steps;

  @BeforeAll
  void start() throws Exception {
    cluster = RunningCluster.start();
    client = cluster.client;
    steps = new KubernetesSteps(client);
  }

  @AfterAll
  void stop() throws Exception {
    if (cluster != null) {
      steps.close();
      cluster.close();
    }
  }

  /** What one test leaves must not fail the others. */
  @AfterEach
  void uncordon() {
    if (client != null) {
      client
          .nodes()
          .withName(node().getMetadata().getName())
          .patch(Marks.MERGE, "{\"spec\": {\"unschedulable\": null}}");
    }
  }

  void workload(String kind, String namespace, String name, int replicas) {
    cluster.apply(
        """
        apiVersion: v1
        kind: Namespace
        metadata: {name: %2$s}
        ---
        apiVersion: apps/v1
        kind: %1$s
        metadata: {name: %3$s, namespace: %2$s}
        spec:
          %4$s
          selector: {matchLabels: {app: %3$s}}
          template:
            metadata: {labels: {app: %3$s, tier: front}}
            spec:
              terminationGracePeriodSeconds: 1
              containers:
              - {name: main, image: "localhost/busybox:1", command: [/bin/sleep, "3600"]}
        """
            .formatted(
                kind,
                namespace,
                name,
                switch (kind) {
                  case "StatefulSet" -> "replicas: " + replicas + "\n  serviceName: none";
                  case "DaemonSet" -> "";
                  default -> "replicas: " + replicas;
                }));
    await().atMost(LIMIT).until(() -> ready(namespace, name).size() == replicas);
  }

  List<Pod> ready(String namespace, String app) {
    return client.pods().inNamespace(namespace).withLabel("app", app).list().getItems().stream()
        .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null && Pods.isReady(pod))
        .toList();
  }

  static StepOrder order(Pod pod, StepKind kind, Map<String, String> parameters) {
    return order(pod, "0123456789abcdef", kind, parameters);
  }

  static StepOrder order(Pod pod, String id, StepKind kind, Map<String, String> parameters) {
    long now = TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis());
    Container.Builder container =
        Container.newBuilder()
            .setPod(pod.getMetadata().getName())
            .setNamespace(pod.getMetadata().getNamespace())
            .setName("main");
    for (ContainerStatus status : pod.getStatus().getContainerStatuses()) {
      if (status.getContainerID() != null) {
        container.setId(status.getContainerID().replaceFirst(".*//", ""));
      }
    }
    Alert alert =
        Alert.newBuilder()
            .setId("alert-" + id)
            .setEntity(
                Entity.newBuilder()
                    .setNode("n")
                    .setCgroup("/kubepods/besteffort/pod" + pod.getMetadata().getUid() + "/c")
                    .setContainer(container))
            .build();
    return new StepOrder(
        new ContainmentRecord(
            id,
            ContainmentState.IN_FORCE,
            "",
            "test",
            true,
            false,
            Duration.ofMinutes(10),
            "w",
            new ContainmentRecord.Approval(0, false, ""),
            List.of(
                ResponseStep.newBuilder()
                    .setAction(ResponseStep.Action.valueOf(kind.name()))
                    .putAllParameters(parameters)
                    .build()),
            new ContainmentRecord.Times(now, now, now, now, now, now, now, now, 0, 0),
            alert),
        0,
        NODE);
  }

  StepResult run(StepOrder order) {
    return steps.run(order).join();
  }

  StepResult undo(StepOrder order) {
    return steps.undo(order).join();
  }

  static void isDone(StepResult result) {
    assertThat(result.status()).as(result.message()).isEqualTo(Status.DONE);
  }

  Pod now(Pod pod) {
    return client
        .pods()
        .inNamespace(pod.getMetadata().getNamespace())
        .withName(pod.getMetadata().getName())
        .get();
  }

  static String bare(String namespace) {
    return """
    apiVersion: v1
    kind: Namespace
    metadata: {name: %1$s}
    ---
    apiVersion: v1
    kind: Pod
    metadata: {name: bare, namespace: %1$s}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
      - {name: main, image: "localhost/busybox:1", command: [/bin/sleep, "3600"]}
    """
        .formatted(namespace);
  }

  Node node() {
    return client.nodes().list().getItems().get(0);
  }
}
