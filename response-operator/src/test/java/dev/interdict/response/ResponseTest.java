package dev.interdict.response;

import static dev.interdict.response.SampleAlerts.NODE;
import static dev.interdict.response.SampleAlerts.inContainer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.interdict.bus.tls.Identity;
import dev.interdict.bus.tls.Pki;
import dev.interdict.bus.tls.Role;
import dev.interdict.schema.Alert;
import dev.interdict.schema.Command;
import dev.interdict.schema.CommandResult.Status;
import dev.interdict.schema.NodeInfo;
import dev.interdict.schema.Presence;
import java.io.IOException;
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
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(20)
final class ResponseTest {
  private static final Policies POLICIES =
      Policies.parse(
          "p.yaml",
          """
          name: strict
          mode: enforce
          actions: {cut: true, freeze: true, ttl: 2m}
          limits: {maxAlertAge: 10m}
          """);

  private static Identity responder;
  private static Identity nodeIdentity;

  @TempDir private Path directory;
  private final AtomicReference<Instant> clock =
      new AtomicReference<>(SampleAlerts.TIME.plusMillis(30));
  private final List<ContainmentState> seen = new CopyOnWriteArrayList<>();
  private Policies policies = POLICIES;
  private FakeNode node;
  private Response response;

  @BeforeAll
  static void issueIdentities() {
    Pki pki = Pki.create("test", Duration.ofDays(1));
    responder = pki.issue(Role.RESPONDER, "responder-1", Duration.ofDays(1));
    nodeIdentity = pki.issue(Role.NODE, NODE, Duration.ofDays(1));
  }

  @BeforeEach
  void open() throws IOException {
    node = new FakeNode(nodeIdentity, SampleAlerts.TIME);
    start();
    response.presence(FakeNode.present(FakeNode.EPOCH));
  }

  @AfterEach
  void close() throws IOException {
    response.close();
  }

  private void start() throws IOException {
    response =
        Response.open(
            directory,
            policies,
            Orchestrator.NONE,
            new Commands(responder, Duration.ofMinutes(1)),
            node,
            clock::get);
    response.watch(record -> seen.add(record.state()));
  }

  private void restart() throws IOException {
    response.close();
    seen.clear();
    start();
  }

  private void accept(Alert alert) throws Exception {
    response.accept(alert).get(10, TimeUnit.SECONDS);
  }

  private ContainmentRecord only() {
    assertThat(response.records()).hasSize(1);
    return response.records().get(0);
  }

  private void awaitState(ContainmentState state) {
    await().until(() -> only().state() == state);
  }

  @Test
  void shouldContainAndKeepTheTrail() throws Exception {
    accept(inContainer("a1"));
    awaitState(ContainmentState.IN_FORCE);

    Command command = node.received().get(0);
    ContainmentRecord record = only();
    assertThat(command.getId()).isEqualTo(record.id() + "-contain");
    assertThat(command.getNode()).isEqualTo(NODE);
    assertThat(command.getEpoch()).isEqualTo(FakeNode.EPOCH);
    assertThat(command.getNonce().size()).isEqualTo(16);
    assertThat(command.getAlertId()).isEqualTo("a1");
    assertThat(command.getExpires() - command.getIssued()).isEqualTo(60_000_000_000L);
    assertThat(command.getContain().getContainmentId()).isEqualTo(record.id());
    assertThat(command.getContain().getTarget().getCgroup()).isEqualTo("/shop/web");
    assertThat(command.getContain().getTarget().getCgroupId()).isEqualTo(9001);
    assertThat(command.getContain().getTarget().getPid()).isEqualTo(4711);
    assertThat(command.getContain().getTarget().getStartTime()).isEqualTo(123_450_000_000L);
    assertThat(command.getContain().getTtlSeconds()).isEqualTo(120);
    assertThat(record.rule()).isEqualTo("reverse-shell-credentials");
    assertThat(record.container()).isEqualTo("shop-web");
    assertThat(record.containNanos()).isEqualTo(1_000_000);
    assertThat(record.times().decided()).isGreaterThanOrEqualTo(record.times().received());
    assertThat(record.times().sent()).isGreaterThanOrEqualTo(record.times().decided());
    await()
        .untilAsserted(
            () ->
                assertThat(seen)
                    .containsExactly(
                        ContainmentState.DECIDED,
                        ContainmentState.SENT,
                        ContainmentState.IN_FORCE));
  }

  @Test
  void shouldActOnceForAnAlertThatComesAgain() throws Exception {
    CompletableFuture<Void> first = response.accept(inContainer("a1"));
    CompletableFuture<Void> again = response.accept(inContainer("a1"));
    CompletableFuture.allOf(first, again).get(10, TimeUnit.SECONDS);
    awaitState(ContainmentState.IN_FORCE);
    restart();
    response.presence(FakeNode.present(FakeNode.EPOCH));
    accept(inContainer("a1"));

    assertThat(only().state()).isEqualTo(ContainmentState.IN_FORCE);
    assertThat(node.received()).hasSize(1);
  }

  @Test
  void shouldNoteWhatContainsTheEntityAlready() throws Exception {
    accept(inContainer("a1"));
    accept(inContainer("a2"));

    ContainmentRecord second = response.records().get(1);
    assertThat(second.state()).isEqualTo(ContainmentState.SKIPPED);
    assertThat(second.reason()).isEqualTo("already contained by " + response.records().get(0).id());
  }

  @Test
  void shouldSendAgainAfterARestartWhatWasNotAnswered() throws Exception {
    node.behave(
        command -> {
          node.carryOut(command);
          return null;
        });
    accept(inContainer("a1"));
    awaitState(ContainmentState.SENT);
    node.behave(node::carryOut);
    restart();
    response.presence(FakeNode.present(FakeNode.EPOCH));

    awaitState(ContainmentState.IN_FORCE);
    List<Command> commands = node.received();
    assertThat(commands).hasSize(2);
    assertThat(commands.get(1).getId()).isEqualTo(commands.get(0).getId());
    assertThat(commands.get(1).getNonce()).isNotEqualTo(commands.get(0).getNonce());
    assertThat(commands.get(1).getContain()).isEqualTo(commands.get(0).getContain());
    assertThat(node.carriedOut()).isEqualTo(1);
  }

  @Test
  void shouldNotShootAnOldAlertAfterARestart() throws Exception {
    response.presence(absent());
    accept(inContainer("a1"));
    clock.set(SampleAlerts.TIME.plus(Duration.ofMinutes(10)));
    restart();
    response.presence(FakeNode.present(FakeNode.EPOCH));

    awaitState(ContainmentState.FAILED);
    assertThat(only().reason()).isEqualTo("the node was not connected in time");
    assertThat(node.received()).isEmpty();
  }

  @Test
  void shouldWaitForANodeThatIsAway() throws Exception {
    response.presence(absent());
    accept(inContainer("a1"));
    assertThat(only().state()).isEqualTo(ContainmentState.DECIDED);
    assertThat(node.received()).isEmpty();

    response.presence(FakeNode.present(8));

    awaitState(ContainmentState.IN_FORCE);
    assertThat(node.received().get(0).getEpoch()).isEqualTo(8);
  }

  @Test
  void shouldSendAgainWhileTheNodeIsNotReached() throws Exception {
    node.behave(
        command ->
            node.received().size() < 3
                ? FakeNode.answer(command, Status.UNREACHABLE, "lost")
                : node.carryOut(command));
    accept(inContainer("a1"));

    awaitState(ContainmentState.IN_FORCE);
    List<Command> commands = node.received();
    assertThat(commands).hasSize(3);
    assertThat(commands.stream().map(Command::getId).distinct()).hasSize(1);
    assertThat(commands.stream().map(Command::getNonce).distinct()).hasSize(3);
  }

  @Test
  void shouldAskAgainANodeThatHasStartedAnewMeanwhile() throws Exception {
    node.behave(
        command -> {
          if (command.getEpoch() == 8) {
            return node.carryOut(command);
          }
          response.presence(FakeNode.present(8));
          return FakeNode.answer(command, Status.REFUSED, "the command is for epoch=7");
        });
    accept(inContainer("a1"));

    awaitState(ContainmentState.IN_FORCE);
    assertThat(node.received()).hasSize(2);
  }

  @Test
  void shouldKeepTheNodesWordsWhenItRefusesOrFails() throws Exception {
    node.behave(command -> FakeNode.answer(command, Status.REFUSED, "pid 1 is protected"));
    accept(inContainer("a1"));
    awaitState(ContainmentState.REFUSED);
    assertThat(only().reason()).isEqualTo("pid 1 is protected");

    node.behave(command -> FakeNode.answer(command, Status.FAILED, "cgroup is gone"));
    accept(inContainer("a2"));
    await().until(() -> response.records().get(1).state() == ContainmentState.FAILED);
    assertThat(response.records().get(1).reason()).isEqualTo("cgroup is gone");
  }

  @Test
  void shouldNotCallInForceWhatTheNodeDoesNotConfirm() throws Exception {
    node.behave(
        command -> {
          var result = node.carryOut(command).toBuilder();
          result.getContainmentsBuilder(0).setFrozen(false);
          return result.build();
        });
    accept(inContainer("a1"));

    awaitState(ContainmentState.FAILED);
    assertThat(only().reason()).isEqualTo("the node says cut=true frozen=false");
  }

  @Test
  void shouldRelease() throws Exception {
    accept(inContainer("a1"));
    awaitState(ContainmentState.IN_FORCE);
    String id = only().id();

    ContainmentRecord released = response.release(id).get(10, TimeUnit.SECONDS);

    assertThat(released.state()).isEqualTo(ContainmentState.RELEASED);
    assertThat(node.received().get(1).getRelease().getContainmentId()).isEqualTo(id);
    assertThatThrownBy(() -> response.release(id).get(10, TimeUnit.SECONDS))
        .hasRootCauseMessage("containment " + id + " is RELEASED: released");
    assertThatThrownBy(() -> response.release("other").get(10, TimeUnit.SECONDS))
        .hasRootCauseMessage("there is no containment other");

    accept(inContainer("a2"));
    await().until(() -> response.records().get(1).state() == ContainmentState.IN_FORCE);
  }

  @Test
  void shouldGiveUpContainingWhatIsReleasedBeforeTheNodeAnswered() throws Exception {
    node.behave(command -> command.hasContain() ? null : node.carryOut(command));
    accept(inContainer("a1"));
    awaitState(ContainmentState.SENT);

    response.release(only().id()).get(10, TimeUnit.SECONDS);
    restart();
    response.presence(FakeNode.present(FakeNode.EPOCH));
    accept(inContainer("a1"));

    assertThat(only().state()).isEqualTo(ContainmentState.RELEASED);
    assertThat(node.received()).hasSize(2);
  }

  @Test
  void shouldGoOnReleasingAfterARestart() throws Exception {
    accept(inContainer("a1"));
    awaitState(ContainmentState.IN_FORCE);
    response.presence(absent());
    CompletableFuture<ContainmentRecord> unused = response.release(only().id());
    await().until(() -> only().times().releaseAsked() != 0);
    restart();
    response.presence(FakeNode.present(FakeNode.EPOCH));

    awaitState(ContainmentState.RELEASED);
  }

  @Test
  void shouldLeaveInForceWhatTheNodeDoesNotRelease() throws Exception {
    accept(inContainer("a1"));
    awaitState(ContainmentState.IN_FORCE);
    node.behave(command -> FakeNode.answer(command, Status.FAILED, "does not thaw"));

    assertThatThrownBy(() -> response.release(only().id()).get(10, TimeUnit.SECONDS))
        .hasRootCauseMessage(
            "containment " + only().id() + " is not released: FAILED: does not thaw");
    assertThat(only().state()).isEqualTo(ContainmentState.IN_FORCE);
  }

  @Test
  void shouldNoteThatItsTimeIsOver() throws Exception {
    accept(inContainer("a1"));
    awaitState(ContainmentState.IN_FORCE);
    clock.set(SampleAlerts.TIME.plus(Duration.ofMinutes(3)));
    restart();

    awaitState(ContainmentState.EXPIRED);
  }

  @Test
  void shouldNoteWhatWasCarriedOutAndIsOver() throws Exception {
    node.behave(
        command -> {
          node.carryOut(command);
          return null;
        });
    accept(inContainer("a1"));
    awaitState(ContainmentState.SENT);
    node.behave(node::carryOut);
    node.loseContainments();
    restart();
    response.presence(FakeNode.present(FakeNode.EPOCH));

    awaitState(ContainmentState.EXPIRED);
  }

  @Test
  void shouldRefuseAnAlertWithoutAnId() {
    assertThatThrownBy(() -> accept(inContainer("")))
        .hasRootCauseMessage("invalid alert id.length=0 limit=128");
  }

  @Test
  void shouldTakeAWholeBacklogInOrder() throws Exception {
    List<CompletableFuture<Void>> acks = new CopyOnWriteArrayList<>();
    for (int i = 0; i < 1000; i++) {
      acks.add(response.accept(inContainer("a" + i)));
    }
    CompletableFuture.allOf(acks.toArray(CompletableFuture[]::new)).get(10, TimeUnit.SECONDS);

    assertThat(response.records()).hasSize(1000);
    for (int i = 0; i < 1000; i++) {
      assertThat(response.records().get(i).alertId()).isEqualTo("a" + i);
    }
    assertThat(node.received()).hasSize(1);
  }

  private static Presence absent() {
    return Presence.newBuilder()
        .setNode(NodeInfo.newBuilder().setId(NODE).setEpoch(FakeNode.EPOCH))
        .build();
  }
}
