package dev.interdict.response;

import static dev.interdict.response.SampleAlerts.NODE;
import static dev.interdict.response.SampleAlerts.inContainer;
import static dev.interdict.response.SampleAlerts.onHost;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interdict.bus.tls.Identity;
import dev.interdict.bus.tls.Pki;
import dev.interdict.bus.tls.Role;
import dev.interdict.schema.Alert;
import dev.interdict.schema.CommandResult.Status;
import dev.interdict.schema.ResponseStep;
import dev.interdict.schema.ResponseStep.State;
import dev.interdict.schema.ResponseStep.Undo;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Steps that are not the node's: when they are asked for, how often, and when they are undone. */
@Timeout(30)
final class OutsideStepsTest {
  private static Identity responder;
  private static Identity nodeIdentity;

  @TempDir private Path directory;
  private final AtomicReference<Instant> clock =
      new AtomicReference<>(SampleAlerts.TIME.plusMillis(30));
  private final FakeOrchestrator orchestrator = new FakeOrchestrator();
  private FakeNode node;
  private Response response;

  @BeforeAll
  static void issueIdentities() {
    Pki pki = Pki.create("test", Duration.ofDays(1));
    responder = pki.issue(Role.RESPONDER, "responder-1", Duration.ofDays(1));
    nodeIdentity = pki.issue(Role.NODE, NODE, Duration.ofDays(1));
  }

  @AfterEach
  void close() throws IOException {
    response.close();
  }

  private void open(Orchestrator around, String steps) throws IOException {
    node = node == null ? new FakeNode(nodeIdentity, SampleAlerts.TIME) : node;
    response =
        Response.open(
            directory,
            Policies.parse(
                "p.yaml",
                "{name: p, mode: enforce, actions: {cut: true, ttl: 2m}, then: " + steps + "}"),
            around,
            new Commands(responder, Duration.ofMinutes(1)),
            node,
            clock::get);
    response.presence(FakeNode.present(FakeNode.EPOCH));
  }

  private void accept(Alert alert) throws Exception {
    response.accept(alert).get(10, TimeUnit.SECONDS);
  }

  private ContainmentRecord only() {
    assertThat(response.records()).hasSize(1);
    return response.records().get(0);
  }

  private ResponseStep step(int index) {
    return only().steps().get(index);
  }

  private void pass(Duration time) {
    clock.updateAndGet(now -> now.plus(time));
  }

  @Test
  void shouldLeaveOutWhatNeedsKubernetesWhereThereIsNone() throws Exception {
    open(Orchestrator.NONE, "[{do: orphan}, {do: kill-cgroup}]");
    accept(inContainer("a1"));
    await().until(() -> !only().hasStepsLeft());

    assertThat(step(0).getState()).isEqualTo(State.LEFT_OUT);
    assertThat(step(0).getReason()).isEqualTo("there is no Kubernetes here");
    assertThat(step(1).getState()).isEqualTo(State.DONE);
  }

  @Test
  void shouldLeaveOutWhatIsAboutAPodWhereThereIsNone() throws Exception {
    open(orchestrator, "[{do: orphan}, {do: restart-container}, {do: cordon}]");
    accept(onHost("a1"));
    await().until(() -> !only().hasStepsLeft());

    assertThat(step(0).getReason()).isEqualTo("the alert names no pod");
    assertThat(step(1).getReason()).isEqualTo("the alert is about a process of the host");
    assertThat(orchestrator.asked()).containsExactly("cordon");
  }

  /** A fault in what watches the cluster must not leave an attack alone. */
  @Test
  void shouldContainWhatNobodyCanTellTheOwnerOf() throws Exception {
    orchestrator.know(
        entity -> {
          throw new IllegalStateException("a pod without annotations");
        });
    open(orchestrator, "[{do: orphan}]");
    accept(inContainer("a1"));
    await().until(() -> !only().hasStepsLeft());

    assertThat(only().state()).isEqualTo(ContainmentState.IN_FORCE);
    assertThat(step(0).getState()).isEqualTo(State.DONE);
  }

  @Test
  void shouldAskAgainUntilItWorks() throws Exception {
    orchestrator.behave(
        order ->
            orchestrator.asked().size() < 3
                ? StepResult.again("the budget allows none")
                : orchestrator.carryOut(order));
    open(orchestrator, "[{do: evict-pod}]");
    accept(inContainer("a1"));
    await().until(() -> step(0).getReason().equals("the budget allows none"));
    assertThat(step(0).getState()).isEqualTo(State.OPEN);
    await().until(() -> !only().hasStepsLeft());

    assertThat(step(0).getState()).isEqualTo(State.DONE);
    assertThat(orchestrator.asked()).hasSize(3);
    assertThat(step(0).getUndo()).isEqualTo(Undo.UNDO_UNSPECIFIED);
  }

  @Test
  void shouldGiveUpWhenTheAlertIsTooOld() throws Exception {
    orchestrator.behave(order -> StepResult.again("the budget allows none"));
    open(orchestrator, "[{do: evict-pod}]");
    accept(inContainer("a1"));
    await().until(() -> !orchestrator.asked().isEmpty());
    pass(Duration.ofHours(2));
    await().until(() -> !only().hasStepsLeft());

    assertThat(step(0).getState()).isEqualTo(State.FAILED);
    assertThat(step(0).getReason()).isEqualTo("not in time: the budget allows none");
  }

  @Test
  void shouldGoOnWhereOneFails() throws Exception {
    orchestrator.behave(
        order ->
            order.kind() == StepKind.ORPHAN
                ? StepResult.refused("a StatefulSet")
                : orchestrator.carryOut(order));
    open(orchestrator, "[{do: orphan}, {do: network-policy}]");
    accept(inContainer("a1"));
    await().until(() -> !only().hasStepsLeft());

    assertThat(step(0).getState()).isEqualTo(State.REFUSED);
    assertThat(step(1).getState()).isEqualTo(State.DONE);
  }

  @Test
  void shouldUndoAfterARelease() throws Exception {
    open(orchestrator, "[{do: scale-to-zero}, {do: taint, keep: true}, {do: cordon}]");
    accept(inContainer("a1"));
    await().until(() -> !only().hasStepsLeft());
    response.release(only().id()).get(10, TimeUnit.SECONDS);
    await().until(() -> !only().isOpen());

    assertThat(orchestrator.asked())
        .containsExactly("scale-to-zero", "taint", "cordon", "undo cordon", "undo scale-to-zero");
    assertThat(step(0).getUndo()).isEqualTo(Undo.UNDONE);
    assertThat(step(1).getUndo()).isEqualTo(Undo.UNDO_UNSPECIFIED);
    assertThat(step(2).getUndo()).isEqualTo(Undo.UNDONE);
  }

  @Test
  void shouldRemoveTheEvidencePodBeforeTheNodeLetsGo() throws Exception {
    open(orchestrator, "[{do: orphan}]");
    accept(inContainer("a1"));
    await().until(() -> !only().hasStepsLeft());
    orchestrator.behaveUndoing(
        order -> {
          assertThat(node.received()).noneMatch(command -> command.hasRelease());
          return orchestrator.takeBack(order);
        });
    response.release(only().id()).get(10, TimeUnit.SECONDS);

    assertThat(step(0).getUndo()).isEqualTo(Undo.UNDONE);
    assertThat(node.received()).last().matches(command -> command.hasRelease());
  }

  @Test
  void shouldReleaseThoughTheOrchestratorIsAway() throws Exception {
    open(orchestrator, "[{do: orphan}]");
    accept(inContainer("a1"));
    await().until(() -> !only().hasStepsLeft());
    orchestrator.behaveUndoing(
        order ->
            orchestrator.asked().size() < 4
                ? StepResult.again("no answer")
                : orchestrator.takeBack(order));
    response.release(only().id()).get(10, TimeUnit.SECONDS);

    await().until(() -> !only().isOpen());
    assertThat(step(0).getUndo()).isEqualTo(Undo.UNDONE);
  }

  @Test
  void shouldUndoWhenTheTimeIsOver() throws Exception {
    node = new FakeNode(nodeIdentity, clock.get().minusSeconds(119)); // a second is left
    open(orchestrator, "[{do: orphan}, {do: cordon}]");
    accept(inContainer("a1"));
    await().until(() -> step(0).getUndo() == Undo.UNDONE);
    pass(Duration.ofMinutes(2));
    await().until(() -> !only().isOpen());

    assertThat(only().state()).isEqualTo(ContainmentState.EXPIRED);
    assertThat(orchestrator.asked())
        .containsExactly("orphan", "cordon", "undo orphan", "undo cordon");
  }

  @Test
  void shouldUndoWhatWasUnderWayWhenTheReleaseCame() throws Exception {
    orchestrator.behave(
        order -> {
          orchestrator.carryOut(order);
          return null; // and nothing is heard of it
        });
    open(orchestrator, "[{do: cordon}, {do: network-policy}]");
    accept(inContainer("a1"));
    await().until(() -> !orchestrator.asked().isEmpty());
    response.release(only().id()).get(10, TimeUnit.SECONDS);
    await().until(() -> !only().isOpen());

    assertThat(orchestrator.asked()).containsExactly("cordon", "undo cordon");
    assertThat(orchestrator.inForce()).isEmpty();
    assertThat(step(0).getState()).isEqualTo(State.LEFT_OUT);
    assertThat(step(0).getUndo()).isEqualTo(Undo.UNDONE);
  }

  @Test
  void shouldUndoInTimeWhatWasDoneWithoutAContainment() throws Exception {
    node = new FakeNode(nodeIdentity, SampleAlerts.TIME);
    node.behave(command -> FakeNode.answer(command, Status.FAILED, "no"));
    open(orchestrator, "[{do: cordon, when: not-in-force}]");
    accept(inContainer("a1"));
    await().until(() -> !only().hasStepsLeft());
    assertThat(only().isOpen()).isTrue();
    assertThat(orchestrator.inForce()).hasSize(1);

    pass(Duration.ofMinutes(3));
    response.close();
    open(orchestrator, "[{do: kill-tree}]"); // what stands in the log is done, not the new policy
    await().until(() -> !only().isOpen());
    assertThat(orchestrator.asked()).isEqualTo(List.of("cordon", "undo cordon"));
  }

  @Test
  void shouldLeaveOutWhatIsAskedAgainOnceAllIsStopped() throws Exception {
    orchestrator.behave(order -> StepResult.again("the budget allows none"));
    open(orchestrator, "[{do: evict-pod}]");
    accept(inContainer("a1"));
    await().until(() -> !orchestrator.asked().isEmpty());
    response.stop("anna", "enough").get(10, TimeUnit.SECONDS);
    await().until(() -> !only().hasStepsLeft());

    assertThat(step(0).getState()).isEqualTo(State.LEFT_OUT);
    assertThat(step(0).getReason()).isEqualTo("stopped by anna: enough");
  }

  @Test
  void shouldTellThePersonWhatWasUndone() throws Exception {
    open(orchestrator, "[{do: cordon}]");
    orchestrator.behaveUndoing(order -> StepResult.failed("the node is gone"));
    accept(inContainer("a1"));
    await().until(() -> !only().hasStepsLeft());
    response.release(only().id()).get(10, TimeUnit.SECONDS);
    await().until(() -> !only().isOpen());

    assertThat(ContainmentSummary.of(only()).steps())
        .isEqualTo("cordon done, not undone (the node is gone)");
  }
}
