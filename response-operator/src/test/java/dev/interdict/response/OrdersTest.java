package dev.interdict.response;

import static dev.interdict.response.SampleAlerts.NODE;
import static dev.interdict.response.SampleAlerts.inContainer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.interdict.bus.tls.Identity;
import dev.interdict.bus.tls.Pki;
import dev.interdict.bus.tls.Role;
import dev.interdict.response.Policy.Actions;
import dev.interdict.schema.Alert;
import dev.interdict.schema.Command;
import dev.interdict.schema.CommandResult.Status;
import dev.interdict.schema.Container;
import dev.interdict.schema.Entity;
import dev.interdict.schema.Kill;
import dev.interdict.schema.SavedWindow;
import dev.interdict.schema.Target;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What people decide, and what of it outlives the responder. */
@Timeout(20)
final class OrdersTest {
  private static final String ASKING =
      """
      name: asking
      mode: enforce
      actions: {cut: true, freeze: true, ttl: 1h}
      limits: {maxAlertAge: 10m, disarmRuleBeyondWorkloads: 2/10m}
      approval: {who: [anna], within: 30m}
      """;
  private static final String ACTING = ASKING.replaceAll("approval.*\n", "");

  private static Identity responder;
  private static Identity nodeIdentity;

  @TempDir private Path directory;
  private final AtomicReference<Instant> clock =
      new AtomicReference<>(SampleAlerts.TIME.plusMillis(30));
  private Orchestrator orchestrator = Orchestrator.NONE;
  private FakeNode node;
  private Response response;

  @BeforeAll
  static void issueIdentities() {
    Pki pki = Pki.create("test", Duration.ofDays(1));
    responder = pki.issue(Role.RESPONDER, "responder-1", Duration.ofDays(1));
    nodeIdentity = pki.issue(Role.NODE, NODE, Duration.ofDays(1));
  }

  private void start(String policies) throws IOException {
    if (response != null) {
      response.close();
    } else {
      node = new FakeNode(nodeIdentity, SampleAlerts.TIME);
    }
    response =
        Response.open(
            directory,
            Policies.parse("p.yaml", policies),
            orchestrator,
            new Commands(responder, Duration.ofMinutes(1)),
            node,
            clock::get);
    response.presence(FakeNode.present(FakeNode.EPOCH));
  }

  @AfterEach
  void close() throws IOException {
    response.close();
  }

  private ContainmentRecord accept(Alert alert) throws Exception {
    response.accept(alert).get(10, TimeUnit.SECONDS);
    return last();
  }

  private ContainmentRecord last() {
    return response.records().get(response.records().size() - 1);
  }

  private String ask(String request) throws IOException {
    return new String(new LocalRequests(response).answer(request), StandardCharsets.UTF_8);
  }

  @Test
  void shouldActOnceAPersonApproved() throws Exception {
    start(ASKING);
    String id = accept(inContainer("a1")).id();
    assertThat(last().state()).isEqualTo(ContainmentState.WAITING);
    clock.set(SampleAlerts.TIME.plus(Duration.ofMinutes(20))); // older than an alert may be
    start(ASKING);
    assertThat(node.received()).isEmpty();

    assertThat(ask("approve " + id + " anna")).contains("approved by anna");

    await().until(() -> last().state() == ContainmentState.IN_FORCE);
    assertThat(last().approval().by()).isEqualTo("anna");
    assertThat(node.carriedOut()).isEqualTo(1);
    assertThatThrownBy(() -> ask("approve " + id + " anna"))
        .hasMessageContaining("waits for nobody: it is IN_FORCE");
  }

  @Test
  void shouldDoNothingOnceAPersonDenied() throws Exception {
    start(ASKING);
    String id = accept(inContainer("a1")).id();
    assertThat(ask("deny " + id + " anna")).contains("denied by anna");
    start(ASKING);

    assertThat(last().state()).isEqualTo(ContainmentState.SKIPPED);
    assertThat(node.received()).isEmpty();
  }

  @Test
  void shouldLetOnlyThoseDecideWhomThePolicyNames() throws Exception {
    start(ASKING);
    String id = accept(inContainer("a1")).id();

    assertThatThrownBy(() -> ask("approve " + id + " ben"))
        .hasMessage("ben may not decide about it, policy asking names: [anna]");
    assertThatThrownBy(() -> ask("approve other anna")).hasMessage("there is no containment other");
    assertThatThrownBy(() -> ask("release " + id)).hasMessageContaining("deny it");
    assertThatThrownBy(() -> ask("approve " + id + " a;b")).hasMessageContaining("name=a;b");
  }

  @Test
  void shouldLeaveWhatNobodyApprovedInTime() throws Exception {
    start(ASKING);
    accept(inContainer("a1"));
    clock.set(SampleAlerts.TIME.plus(Duration.ofMinutes(31)));
    start(ASKING);

    await().until(() -> last().state() == ContainmentState.SKIPPED);
    assertThat(last().reason()).isEqualTo("nobody approved in time");
    assertThat(node.received()).isEmpty();
  }

  @Test
  void shouldActUnapprovedWhereThePolicySaysSo() throws Exception {
    String acting = ASKING.replace("within: 30m", "within: 5m, otherwise: act");
    start(acting);
    accept(inContainer("a1"));
    clock.set(SampleAlerts.TIME.plus(Duration.ofMinutes(6)));
    start(acting);

    await().until(() -> last().state() == ContainmentState.IN_FORCE);
    assertThat(node.carriedOut()).isEqualTo(1);
  }

  @Test
  void shouldStayStoppedUntilResumed() throws Exception {
    start(ACTING);
    assertThat(ask("stop anna a rule goes wild"))
        .isEqualTo("{\"stopped\":\"stopped by anna: a rule goes wild\",\"disarmed\":{}}");
    start(ACTING);

    assertThat(accept(inContainer("a1")).reason()).isEqualTo("stopped by anna: a rule goes wild");
    assertThat(ask("resume anna")).isEqualTo("{\"disarmed\":{}}");
    start(ACTING);
    accept(inContainer("a2"));
    await().until(() -> last().state() == ContainmentState.IN_FORCE);
    assertThat(node.carriedOut()).isEqualTo(1);
  }

  @Test
  void shouldGiveUpWhatWasNotSentWhenStopped() throws Exception {
    start(ACTING);
    response.presence(FakeNode.present(FakeNode.EPOCH).toBuilder().setConnected(false).build());
    assertThat(accept(inContainer("a1")).state()).isEqualTo(ContainmentState.DECIDED);

    ask("stop anna enough");

    assertThat(last().state()).isEqualTo(ContainmentState.SKIPPED);
    response.presence(FakeNode.present(FakeNode.EPOCH));
    ask("resume anna");
    assertThat(node.received()).isEmpty();
  }

  @Test
  void shouldKeepARuleDisarmedUntilItIsArmed() throws Exception {
    start(ACTING);
    accept(named("a1", 1, "x"));
    accept(named("a2", 2, "y"));
    String why = "the rule is disarmed: it hit 3 workloads within 10m, limit=2";
    assertThat(accept(named("a3", 3, "z")).reason()).isEqualTo(why);
    start(ACTING);
    assertThat(accept(named("a4", 4, "x")).reason()).isEqualTo(why);
    assertThat(StandingSummary.parse(ask("standing")).disarmed())
        .containsEntry("reverse-shell-credentials", "it hit 3 workloads within 10m, limit=2");

    ask("arm anna reverse-shell-credentials");

    assertThat(StandingSummary.parse(ask("standing")).disarmed()).isEmpty();
    accept(named("a5", 5, "z"));
    await().until(() -> last().state() == ContainmentState.IN_FORCE);
    assertThatThrownBy(() -> ask("arm anna other")).hasMessage("rule other is not disarmed");
  }

  @Test
  void shouldRememberSinceWhenAPolicyIsKnown() throws Exception {
    String warming = ACTING.replace("maxAlertAge: 10m", "maxAlertAge: 1h, warmUp: 5m");
    start(warming);
    accept(inContainer("a0")); // by now it has begun
    clock.set(SampleAlerts.TIME.plus(Duration.ofMinutes(4)));
    assertThat(accept(inContainer("a1")).reason()).contains("warming up");
    clock.set(SampleAlerts.TIME.plus(Duration.ofMinutes(6)));
    start(warming);

    accept(inContainer("a2"));
    await().until(() -> last().state() == ContainmentState.IN_FORCE);
  }

  @Test
  void shouldGoOnWithTheStepsInTheirOrder() throws Exception {
    start(
        ACTING
            + """
            then:
              - {do: save-window, before: 5m}
              - {do: kill-cgroup, when: not-in-force}
              - {do: kill-process, level: critical}
              - {do: kill-tree}
            """);
    accept(inContainer("a1"));
    await().until(() -> last().state() == ContainmentState.IN_FORCE && !last().hasStepsLeft());

    assertThat(Steps.text(last().steps()))
        .isEqualTo(
            "save-window done, kill-cgroup left out (the containment is in force), "
                + "kill-process left out (the level is below critical), kill-tree done");
    List<Command> asked = node.received();
    assertThat(asked).hasSize(3);
    assertThat(asked.get(1).getId()).isEqualTo(last().id() + "-step0-save-window");
    assertThat(asked.get(1).getSave().getFrom())
        .isEqualTo(SampleAlerts.nanos(SampleAlerts.TIME.minus(Duration.ofMinutes(5))));
    assertThat(asked.get(2).getKill().getScope()).isEqualTo(Kill.Scope.TREE);
    assertThat(asked.get(2).getKill().getTarget().getPid()).isEqualTo(4711);
    assertThat(asked.get(2).getKill().getTarget().getStartTime()).isEqualTo(123_450_000_000L);
    assertThat(ask("list")).contains("kill-tree done");
  }

  @Test
  void shouldWaitUntilTheEvidenceIsSaved() throws Exception {
    start(ACTING + "then: [{do: save-evidence}, {do: kill-cgroup}]\n");
    AtomicReference<SavedWindow.State> state = new AtomicReference<>(SavedWindow.State.SAVING);
    node.behave(
        command ->
            command.hasSave()
                ? FakeNode.answer(command, Status.DONE, "").toBuilder()
                    .addWindows(SavedWindow.newBuilder().setState(state.get()))
                    .build()
                : node.carryOut(command));
    accept(inContainer("a1"));
    await().until(() -> node.received().stream().filter(Command::hasSave).count() > 2);
    assertThat(node.received()).noneMatch(Command::hasKill);
    Target target = node.received().get(1).getSave().getStateOf();
    assertThat(target.getCgroup()).isEqualTo("/shop/web");

    state.set(SavedWindow.State.SAVED);
    await().until(() -> !last().hasStepsLeft());
    assertThat(Steps.text(last().steps())).isEqualTo("save-evidence done, kill-cgroup done");
  }

  @Test
  void shouldWriteDownThatAContainerWasRestarted() throws Exception {
    start(ACTING);
    accept(inContainer("a1"));
    await().until(() -> last().state() == ContainmentState.IN_FORCE);
    Container of = last().alert().getEntity().getContainer();

    response.restarted(of.getNamespace(), "another", of.getName(), "restarts=1");
    response.restarted(of.getNamespace(), of.getPod(), of.getName(), "restarts=1, exit code 137");
    await().until(() -> last().reason().contains("has restarted container " + of.getName()));
    assertThat(last().reason()).contains("exit code 137");
    assertThat(last().state()).isEqualTo(ContainmentState.IN_FORCE);
  }

  @Test
  void shouldEscalateWhereTheNodeDoesNotContain() throws Exception {
    start(ACTING + "then: [{do: kill-tree}, {do: kill-cgroup, when: not-in-force}]\n");
    node.behave(
        command ->
            command.hasContain()
                ? FakeNode.answer(command, Status.FAILED, "does not freeze")
                : node.carryOut(command));
    accept(inContainer("a1"));
    await().until(() -> !last().hasStepsLeft() && last().state() == ContainmentState.FAILED);

    assertThat(Steps.text(last().steps()))
        .isEqualTo("kill-tree left out (the containment is not in force), kill-cgroup done");
    assertThat(node.received().get(1).getKill().getTarget().getCgroup()).isEqualTo("/shop/web");
  }

  @Test
  void shouldLeaveOutTheStepsOnceReleasedOrStopped() throws Exception {
    start(ACTING + "then: [{do: kill-tree}]\n");
    node.behave(command -> command.hasKill() ? null : node.carryOut(command));
    accept(inContainer("a1"));
    await().until(() -> node.received().size() == 2);
    ask("release " + last().id());
    assertThat(Steps.text(last().steps()))
        .isEqualTo("kill-tree left out (a release was asked for)");

    node.behave(
        command -> {
          CompletableFuture<Standing> unused = response.stop("anna", "enough");
          return node.carryOut(command);
        });
    accept(inContainer("a2", 2));
    await().until(() -> last().state() == ContainmentState.IN_FORCE && !last().hasStepsLeft());
    assertThat(Steps.text(last().steps()))
        .isEqualTo("kill-tree left out (stopped by anna: enough)");
  }

  @Test
  void shouldContainWhatAPersonAsksFor() throws Exception {
    start("name: a\nmode: observe\n");
    assertThat(ask("contain anna " + NODE + " cut 600 /shop/my web"))
        .contains("asked for by anna: cut for 10m");
    await().until(() -> last().state() == ContainmentState.IN_FORCE);
    assertThat(node.received().get(0).getContain().getTarget().getCgroup())
        .isEqualTo("/shop/my web");
    assertThat(node.received().get(0).getContain().getFreeze()).isFalse();
    assertThatThrownBy(() -> ask("contain anna " + NODE + " burn 600 /x"))
        .hasMessage("invalid action=burn expected cut, freeze or both");
    assertThatThrownBy(() -> ask("contain anna " + NODE + " cut 0 /x"))
        .hasMessageStartingWith("contain needs");
  }

  @Test
  void shouldContainOnceWhatIsRequestedTwice() throws Exception {
    start("name: a\nmode: observe\n");
    Entity target = inContainer("a").getEntity();
    for (int i = 0; i < 2; i++) {
      response
          .contain("request-1", "anna", target, new Actions(true, false, Duration.ofMinutes(1)))
          .get(10, TimeUnit.SECONDS);
      start("name: a\nmode: observe\n");
    }

    await().until(() -> last().state() == ContainmentState.IN_FORCE);
    assertThat(response.records()).hasSize(1);
    assertThat(last().id()).isEqualTo(ContainmentRecord.idOfRequest("request-1"));
    assertThat(node.carriedOut()).isEqualTo(1);
  }

  @Test
  void shouldDecideByNewPoliciesFromThenOn() throws Exception {
    start("name: a\nmode: observe\n");
    assertThat(accept(inContainer("a1")).reason()).isEqualTo("policy a observes");

    response.use(Policies.parse("q.yaml", ASKING));
    String id = accept(inContainer("a2")).id();

    assertThat(last().state()).isEqualTo(ContainmentState.WAITING);
    assertThatThrownBy(() -> ask("approve " + id + " ben")).hasMessageContaining("ben may not");
    ask("approve " + id + " anna");
    await().until(() -> last().state() == ContainmentState.IN_FORCE);
  }

  @Test
  void shouldShowTheIntentBeforeItActsAndNotWaitForAnOrchestratorThatIsAway() throws Exception {
    CompletableFuture<Void> shown = new CompletableFuture<>();
    List<ContainmentState> intents = new CopyOnWriteArrayList<>();
    orchestrator =
        new Orchestrator() {
          @Override
          public CompletableFuture<?> show(ContainmentRecord intent) {
            assertThat(node.received()).isEmpty();
            intents.add(intent.state());
            return shown; // never completes
          }
        };
    start(ACTING);
    accept(inContainer("a1"));

    await().until(() -> last().state() == ContainmentState.IN_FORCE);
    shown.complete(null);
    assertThat(ask("list")).contains("IN_FORCE");
    assertThat(intents).containsExactly(ContainmentState.DECIDED);
    assertThat(node.received()).hasSize(1);
  }

  private static Alert named(String id, long cgroupId, String container) {
    Alert.Builder alert = inContainer(id, cgroupId).toBuilder();
    alert.getEntityBuilder().getContainerBuilder().setName(container);
    return alert.build();
  }
}
