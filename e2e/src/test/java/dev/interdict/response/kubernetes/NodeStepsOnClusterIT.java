package dev.interdict.response.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interdict.response.StepKind;
import dev.interdict.response.StepOrder;
import dev.interdict.response.StepResult;
import dev.interdict.response.StepResult.Status;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Each step on a node, through a real API server with its controllers. */
final class NodeStepsOnClusterIT extends StepsOnCluster {
  @Test
  void shouldCordonDrainAndTaintANode() {
    workload("Deployment", "node", "web", 2);
    workload("DaemonSet", "node", "daemon", 1);
    cluster.apply(bare("node"));
    Pod pod = ready("node", "web").get(0);
    Pod other = ready("node", "web").get(1);
    Pod daemon = ready("node", "daemon").get(0);

    StepOrder cordon = order(pod, StepKind.CORDON, Map.of());
    isDone(run(cordon));
    isDone(run(cordon));
    assertThat(node().getSpec().getUnschedulable()).isTrue();
    StepOrder second = order(pod, "fedcba9876543210", StepKind.CORDON, Map.of());
    assertThat(run(second).message()).contains("already");
    isDone(undo(second)); // of another, which cordoned nothing
    assertThat(node().getSpec().getUnschedulable()).isTrue();
    isDone(undo(cordon));
    assertThat(node().getSpec().getUnschedulable()).isNotEqualTo(true);

    StepOrder drain = order(pod, StepKind.DRAIN, Map.of("grace", "PT1S"));
    List<StepResult> results = new ArrayList<>();
    await()
        .atMost(LIMIT)
        .until(
            () -> {
              results.add(run(drain));
              return results.get(results.size() - 1).status() != Status.AGAIN;
            });
    StepResult drained = results.get(results.size() - 1);
    isDone(drained);
    assertThat(drained.message()).contains("node/bare");
    await().atMost(LIMIT).until(() -> now(other) == null); // it has ended by now
    assertThat(now(pod)).as("the evidence").isNotNull();
    assertThat(now(daemon).getMetadata().getDeletionTimestamp()).isNull();
    isDone(undo(drain));
    assertThat(node().getSpec().getUnschedulable()).isNotEqualTo(true);

    StepOrder taint =
        order(
            pod,
            StepKind.TAINT,
            Map.of("key", "interdict.dev/contained", "value", "true", "effect", "NoSchedule"));
    isDone(run(taint));
    isDone(run(taint));
    assertThat(node().getSpec().getTaints())
        .filteredOn(each -> each.getKey().equals("interdict.dev/contained"))
        .hasSize(1);
    isDone(undo(taint));
    assertThat(node().getSpec().getTaints())
        .noneMatch(each -> each.getKey().equals("interdict.dev/contained"));
  }
}
