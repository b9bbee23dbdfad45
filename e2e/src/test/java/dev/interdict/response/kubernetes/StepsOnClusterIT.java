package dev.interdict.response.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interdict.response.StepKind;
import dev.interdict.response.StepOrder;
import dev.interdict.response.StepResult;
import dev.interdict.response.StepResult.Status;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Each step on pods and what owns them, through a real API server with its controllers. */
final class StepsOnClusterIT extends StepsOnCluster {
  private static final String INCIDENT = "example.org/incident";

  @Test
  void shouldOrphanAPodAndHaveItReplaced() {
    workload("Deployment", "orphan", "web", 2);
    Pod pod = ready("orphan", "web").get(0);
    StepOrder order = order(pod, StepKind.ORPHAN, Map.of());

    isDone(run(order));
    Pod orphan = now(pod);
    assertThat(orphan.getMetadata().getOwnerReferences()).isEmpty();
    assertThat(orphan.getMetadata().getLabels())
        .containsExactly(Map.entry(Marks.CONTAINED, order.containment().id()));
    assertThat(Marks.of(orphan, Marks.LABELS)).contains("\"tier\":\"front\"");
    assertThat(ready("orphan", "web")).hasSize(2).doesNotContain(orphan);

    String message = run(order).message();
    assertThat(message).contains("2 ready pods");
    assertThat(client.pods().inNamespace("orphan").list().getItems()).hasSize(3);

    isDone(undo(order));
    await().atMost(LIMIT).until(() -> now(pod) == null);
    isDone(undo(order));
    assertThat(ready("orphan", "web")).hasSize(2);
    assertThat(run(order).status()).isEqualTo(Status.REFUSED);
  }

  @Test
  void shouldNotOrphanWhatKeepsANameOrIsNotReplaced() {
    workload("StatefulSet", "kept", "db", 1);
    Pod db = ready("kept", "db").get(0);
    StepResult refused = run(order(db, StepKind.ORPHAN, Map.of()));
    assertThat(refused.status()).isEqualTo(Status.REFUSED);
    assertThat(refused.message()).contains("StatefulSet db");
    cluster.apply(bare("kept"));
    Pod bare = client.pods().inNamespace("kept").withName("bare").get();
    assertThat(run(order(bare, StepKind.ORPHAN, Map.of())).status()).isEqualTo(Status.REFUSED);
  }

  @Test
  void shouldNotTouchTheSuccessorOfTheSameName() {
    workload("StatefulSet", "successor", "db", 1);
    Pod first = ready("successor", "db").get(0);
    StepOrder order = order(first, StepKind.DELETE_POD, Map.of("bare", "false", "grace", "PT0S"));
    isDone(run(order));
    await()
        .atMost(LIMIT)
        .until(
            () ->
                ready("successor", "db").stream()
                    .anyMatch(
                        pod -> !pod.getMetadata().getUid().equals(first.getMetadata().getUid())));
    StepResult again = run(order);
    isDone(again);
    assertThat(again.message()).contains("gone");
    Pod second = ready("successor", "db").get(0);
    assertThat(now(second).getMetadata().getDeletionTimestamp()).isNull();
    assertThat(run(order(first, StepKind.NETWORK_POLICY, Map.of())).status())
        .isEqualTo(Status.REFUSED);
  }

  @Test
  void shouldIsolateThatPodAlone() {
    workload("Deployment", "isolated", "web", 2);
    cluster.apply(
        """
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata: {name: allows, namespace: isolated}
        spec:
          podSelector: {matchLabels: {app: web}}
          ingress: [{}]
        """);
    Pod pod = ready("isolated", "web").get(0);
    Pod other = ready("isolated", "web").get(1);
    StepOrder order = order(pod, StepKind.NETWORK_POLICY, Map.of());
    StepResult result = run(order);
    isDone(result);
    assertThat(result.message()).contains("network plugin").contains("[allows]");
    isDone(run(order));
    assertThat(now(pod).getMetadata().getLabels())
        .containsEntry(Marks.CONTAINED, order.containment().id());
    assertThat(now(other).getMetadata().getLabels()).doesNotContainKey(Marks.CONTAINED);
    var policies = client.network().v1().networkPolicies().inNamespace("isolated");
    var made = policies.withName("interdict-" + order.containment().id()).get();
    assertThat(made.getSpec().getPodSelector().getMatchLabels())
        .containsExactly(Map.entry(Marks.CONTAINED, order.containment().id()));
    assertThat(made.getSpec().getPolicyTypes()).containsExactly("Ingress", "Egress");
    assertThat(made.getSpec().getIngress()).isEmpty();
    assertThat(made.getSpec().getEgress()).isEmpty();

    isDone(undo(order));
    assertThat(policies.list().getItems()).hasSize(1);
    assertThat(now(pod).getMetadata().getLabels()).doesNotContainKey(Marks.CONTAINED);
  }

  @Test
  void shouldEvictWhenADisruptionBudgetAllowsIt() {
    workload("Deployment", "evicted", "web", 2);
    cluster.apply(
        """
        apiVersion: policy/v1
        kind: PodDisruptionBudget
        metadata: {name: both, namespace: evicted}
        spec: {minAvailable: 2, selector: {matchLabels: {app: web}}}
        """);
    await()
        .atMost(LIMIT)
        .until(
            () -> {
              var status =
                  client
                      .policy()
                      .v1()
                      .podDisruptionBudget()
                      .inNamespace("evicted")
                      .withName("both")
                      .get()
                      .getStatus();
              return status != null && Integer.valueOf(2).equals(status.getCurrentHealthy());
            });
    Pod pod = ready("evicted", "web").get(0);
    StepOrder order = order(pod, StepKind.EVICT_POD, Map.of("bare", "false", "grace", "PT1S"));
    StepResult held = run(order);
    assertThat(held.status()).as(held.message()).isEqualTo(Status.AGAIN);
    assertThat(now(pod).getMetadata().getDeletionTimestamp()).isNull();

    client.policy().v1().podDisruptionBudget().inNamespace("evicted").withName("both").delete();
    isDone(run(order));
    await().atMost(LIMIT).until(() -> now(pod) == null);
    isDone(run(order));
  }

  @Test
  void shouldRemoveABarePodOnlyIfItIsSaid() {
    cluster.apply(bare("alone"));
    Pod pod = client.pods().inNamespace("alone").withName("bare").get();
    assertThat(
            run(order(pod, StepKind.DELETE_POD, Map.of("bare", "false", "grace", "PT0S"))).status())
        .isEqualTo(Status.REFUSED);
    isDone(run(order(pod, StepKind.DELETE_POD, Map.of("bare", "true", "grace", "PT1S"))));
    await().atMost(LIMIT).until(() -> now(pod) == null);
  }

  @Test
  void shouldRestartARolloutOnce() {
    for (String kind : List.of("Deployment", "StatefulSet", "DaemonSet")) {
      String namespace = "restart-" + kind.toLowerCase(java.util.Locale.ROOT);
      workload(kind, namespace, "web", 1);
      Pod pod = ready(namespace, "web").get(0);
      StepOrder order = order(pod, StepKind.ROLLOUT_RESTART, Map.of());
      isDone(run(order));
      isDone(run(order)); // while the pod is still there
      await()
          .atMost(LIMIT)
          .until(
              () ->
                  ready(namespace, "web").stream()
                      .anyMatch(
                          each -> !each.getMetadata().getUid().equals(pod.getMetadata().getUid())));
      if (kind.equals("Deployment")) {
        assertThat(client.apps().replicaSets().inNamespace(namespace).list().getItems()).hasSize(2);
      }
    }
  }

  @Test
  void shouldScaleToZeroAndBack() {
    workload("Deployment", "scaled", "web", 2);
    StepOrder order = order(ready("scaled", "web").get(0), StepKind.SCALE_TO_ZERO, Map.of());
    isDone(run(order));
    await().atMost(LIMIT).until(() -> ready("scaled", "web").isEmpty());
    isDone(undo(order));
    await().atMost(LIMIT).until(() -> ready("scaled", "web").size() == 2);
    Deployment web = client.apps().deployments().inNamespace("scaled").withName("web").get();
    assertThat(Marks.of(web, Marks.SCALED)).isNull();
    isDone(undo(order));
    assertThat(
            client
                .apps()
                .deployments()
                .inNamespace("scaled")
                .withName("web")
                .get()
                .getSpec()
                .getReplicas())
        .isEqualTo(2);
  }

  @Test
  void shouldAnnotateWithoutOverwriting() {
    workload("Deployment", "annotated", "web", 1);
    Pod pod = ready("annotated", "web").get(0);
    for (String on : List.of("pod", "owner", "node")) {
      StepOrder order = annotate(pod, "0123456789abcdef", on, "42");
      isDone(run(order));
      isDone(run(order));
      StepOrder otherwise = annotate(pod, "fedcba9876543210", on, "43");
      assertThat(run(otherwise).status()).isEqualTo(Status.REFUSED);
      isDone(undo(otherwise));
      StepOrder same = annotate(pod, "0011223344556677", on, "42");
      isDone(run(same));
      isDone(undo(same)); // it was there before
      assertThat(run(otherwise).status()).isEqualTo(Status.REFUSED);
      if (on.equals("owner")) {
        // What is annotated is found without its pod.
        isDone(run(order(pod, StepKind.DELETE_POD, Map.of("bare", "false", "grace", "PT1S"))));
        await().atMost(LIMIT).until(() -> now(pod) == null);
        await().atMost(LIMIT).until(() -> ready("annotated", "web").size() == 1);
      }
      isDone(undo(order));
    }
    assertThat(
            Marks.of(
                client.apps().deployments().inNamespace("annotated").withName("web").get(),
                INCIDENT))
        .isNull();
    assertThat(Marks.of(node(), INCIDENT)).isNull();
  }

  private static StepOrder annotate(Pod pod, String id, String on, String value) {
    return order(pod, id, StepKind.ANNOTATE, Map.of("on", on, "key", INCIDENT, "value", value));
  }

  /** This runtime has no criu: the kubelet's own reason is told. */
  @Test
  void shouldAskTheKubeletForACheckpoint() {
    workload("Deployment", "checkpoint", "web", 1);
    StepResult result =
        run(
            order(
                ready("checkpoint", "web").get(0),
                StepKind.CHECKPOINT,
                Map.of("timeout", "PT30S")));
    if (result.status() == Status.DONE) {
      assertThat(result.message()).contains("checkpoint-web");
    } else {
      assertThat(result.status()).isEqualTo(Status.FAILED);
      assertThat(result.message()).contains("the kubelet");
    }
  }

  @Test
  void shouldNameThePermissionsThatAreMissing() throws Exception {
    Config nobody = RunningCluster.config();
    nobody.setImpersonateUsername("system:serviceaccount:default:nobody");
    try (KubernetesClient other = new KubernetesClientBuilder().withConfig(nobody).build();
        KubernetesSteps without = new KubernetesSteps(other)) {
      Set<Permission> missing = new AccessCheck(other).missing(Set.of(StepKind.ORPHAN));
      assertThat(missing)
          .extracting(Permission::toString)
          .contains(
              "patch pods", "watch replicasets.apps", "patch containments.interdict.dev/status");
      without.missing(missing);
      assertThat(without.obstacle(StepKind.ORPHAN)).contains("may not patch pods");
      workload("Deployment", "forbidden", "web", 1);
      StepResult refused =
          without.run(order(ready("forbidden", "web").get(0), StepKind.ORPHAN, Map.of())).join();
      assertThat(refused.status()).isEqualTo(Status.REFUSED);
      assertThat(refused.message()).contains("forbid");
    }
    assertThat(new AccessCheck(client).missing(Set.of(StepKind.values()))).isEmpty();
  }
}
