package dev.interdict.agent.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interdict.agent.kernel.Natives;
import dev.interdict.schema.CommandResult;
import dev.interdict.schema.CommandResult.Status;
import dev.interdict.schema.Kill;
import dev.interdict.schema.Kill.Scope;
import dev.interdict.schema.Target;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KillIT {
  @TempDir Path data;
  private TestNode node;

  @BeforeEach
  void start() throws IOException {
    node = TestNode.start(data);
  }

  @AfterEach
  void stop() throws IOException {
    if (node != null) {
      node.close();
    }
  }

  @Test
  void shouldKillOneProcessAndLeaveItsChildren() throws Exception {
    Process parent = node.cgroup().start("sleep 60 & wait");
    int child = childOf(parent);

    CommandResult result = kill(Scope.PROCESS, TestNode.process(parent.pid()));

    assertThat(result.getMessage()).isEmpty();
    assertThat(result.getStatus()).isEqualTo(Status.DONE);
    assertThat(result.getKilled()).isEqualTo(1);
    assertThat(parent.waitFor()).isEqualTo(128 + 9);
    assertThat(runs(child)).isTrue();
    assertThat(node.audit()).contains("\"action\":\"KILL\"", "\"scope\":\"process\"");
  }

  @Test
  void shouldKillATreeWhoseMembersLostTheirParent() throws Exception {
    // The innermost is the child of nobody by then, but of the session that the target began.
    Process target =
        node.cgroup()
            .startOutside("exec setsid bash -c '(sleep 61 & sleep 62 & ) ; sleep 63 & wait'");
    Awaitility.await()
        .until(
            () ->
                sleepers(target.pid()).size() == 3
                    && sleepers(target.pid()).stream().anyMatch(s -> s.parent() != target.pid()));
    List<ProcessStat> sleepers = sleepers(target.pid());

    CommandResult result = kill(Scope.TREE, TestNode.process(target.pid()));

    assertThat(result.getMessage()).isEmpty();
    assertThat(result.getStatus()).isEqualTo(Status.DONE);
    assertThat(result.getKilled()).isEqualTo(4);
    assertThat(target.waitFor()).isEqualTo(128 + 9);
    assertThat(sleepers).noneMatch(each -> runs(each.pid()));
  }

  @Test
  void shouldKillATreeThatForksAllTheTime() throws Exception {
    Process target =
        node.cgroup()
            .start("f() { while :; do (sleep 0.01; sleep 0.01) & wait -n; done; }; f & f & f");
    Awaitility.await().until(() -> node.cgroup().processes().size() > 5);

    CommandResult result = kill(Scope.TREE, TestNode.process(target.pid()));

    assertThat(result.getMessage()).isEmpty();
    assertThat(result.getStatus()).isEqualTo(Status.DONE);
    Awaitility.await().until(() -> node.cgroup().processes().isEmpty());
    assertThat(node.cgroup().events()).contains("frozen 0");
  }

  @Test
  void shouldKillACgroupFrozenOrNot() throws Exception {
    Process one = node.cgroup().start("sleep 60");
    Process two = node.cgroup().start("sleep 60");
    node.handle(node.contain(true, true));

    CommandResult result = kill(Scope.CGROUP, cgroup());

    assertThat(result.getMessage()).isEmpty();
    assertThat(result.getKilled()).isGreaterThanOrEqualTo(2);
    assertThat(one.waitFor()).isEqualTo(128 + 9);
    assertThat(two.waitFor()).isEqualTo(128 + 9);
    assertThat(node.cgroup().events()).contains("populated 0");
  }

  @Test
  void shouldKillACgroupBySignalsWhereTheKernelHasNoOtherWay() throws Exception {
    Process one = node.cgroup().start("while :; do sleep 0.01; done");
    CgroupTree cgroups = CgroupTree.mounted();
    Kills kills =
        new Kills(cgroups, new ProtectedProcesses(cgroups), new Targets(cgroups, CgroupScope.HOST));

    kills.endCgroupBySignals(node.cgroup().path());

    assertThat(one.waitFor()).isEqualTo(128 + 9);
    Awaitility.await().until(() -> node.cgroup().events().contains("populated 0"));
    assertThat(node.cgroup().events()).contains("frozen 0");
  }

  @Test
  void shouldNotHitWhoeverHasThePidNow() throws Exception {
    Process process = node.cgroup().start("sleep 60");
    Target target = TestNode.process(process.pid());
    Target other = target.toBuilder().setStartTime(target.getStartTime() - 1_000_000_000).build();

    assertThat(kill(Scope.PROCESS, other).getMessage()).contains("was used again");
    assertThat(kill(Scope.TREE, other).getStatus()).isEqualTo(Status.REFUSED);
    int pid = target.getPid();
    assertThat(Natives.signal(pid, ProcessStart.ticks(pid) - 1, 9)).isFalse();
    assertThat(process.isAlive()).isTrue();
  }

  @Test
  void shouldRefuseWhatMustNotEnd() throws Exception {
    long self = ProcessHandle.current().pid();
    assertThat(kill(Scope.PROCESS, TestNode.process(self)).getMessage())
        .isEqualTo("target pid=" + self + " is protected: it is this agent, pid=" + self);
    long parent = ProcessHandle.current().parent().orElseThrow().pid();
    assertThat(kill(Scope.PROCESS, TestNode.process(parent)).getStatus()).isEqualTo(Status.REFUSED);
    assertThat(kill(Scope.TREE, TestNode.process(parent)).getMessage()).contains("is protected");
    assertThat(kill(Scope.PROCESS, TestNode.process(1)).getMessage()).contains("PID 1");
    assertThat(kill(Scope.TREE, TestNode.process(1)).getMessage()).contains("is protected");
    assertThat(kill(Scope.CGROUP, Target.newBuilder().setCgroup("/").build()).getMessage())
        .contains("root cgroup");
    assertThat(kill(Scope.SCOPE_UNSPECIFIED, cgroup()).getMessage()).contains("has no scope");

    Path fake = Files.copy(Path.of("/bin/sleep"), data.resolve("kubelet"));
    Process runtime = node.cgroup().start("exec " + fake + " 60");
    Awaitility.await()
        .until(
            () -> Files.readSymbolicLink(Path.of("/proc/" + runtime.pid() + "/exe")).equals(fake));
    assertThat(kill(Scope.PROCESS, TestNode.process(runtime.pid())).getMessage())
        .contains("it is kubelet");
    assertThat(kill(Scope.CGROUP, cgroup()).getMessage()).contains("it holds kubelet");
    assertThat(runtime.isAlive()).isTrue();
  }

  @Test
  void shouldKeepToItsScope() throws Exception {
    Process process = node.cgroup().start("sleep 60");
    node.executor().close();
    node.open(data, 1, new CgroupScope("/elsewhere"));

    assertThat(kill(Scope.PROCESS, TestNode.process(process.pid())).getMessage())
        .contains("its scope is /elsewhere");
    assertThat(kill(Scope.CGROUP, cgroup()).getStatus()).isEqualTo(Status.REFUSED);
    assertThat(process.isAlive()).isTrue();
  }

  @Test
  void shouldSayThatTheTargetEndedWhenAskedAgainAfterACrash() throws Exception {
    Process process = node.cgroup().start("sleep 60");
    Kill kill =
        Kill.newBuilder()
            .setScope(Scope.PROCESS)
            .setTarget(TestNode.process(process.pid()))
            .build();
    node.executor().close();
    // The agent went down between the kill and its answer.
    try (CommandJournal journal = new CommandJournal(data, node.nanos())) {
      journal.accept(node.command(b -> b.setId("kill").setKill(kill)), node.nanos());
      journal.write(node.nanos());
    }
    process.destroyForcibly().waitFor();
    node.open(1);

    CommandResult result = node.handle(b -> b.setId("kill").setKill(kill));

    assertThat(result.getStatus()).isEqualTo(Status.DONE);
    assertThat(result.getMessage()).isEqualTo("the target has ended");
  }

  private int number;

  private CommandResult kill(Scope scope, Target target) {
    number++;
    return node.handle(
        b ->
            b.setId("kill-" + number).setKill(Kill.newBuilder().setScope(scope).setTarget(target)));
  }

  private Target cgroup() throws IOException {
    return Target.newBuilder()
        .setCgroup(node.cgroup().name())
        .setCgroupId(node.cgroup().id())
        .build();
  }

  private static int childOf(Process parent) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(10))
        .until(() -> parent.toHandle().children().findAny().isPresent());
    return Math.toIntExact(parent.toHandle().children().findAny().orElseThrow().pid());
  }

  private static List<ProcessStat> sleepers(long session) {
    return ProcessHandle.allProcesses()
        .map(process -> ProcessStat.of(Math.toIntExact(process.pid())))
        .filter(stat -> stat != null && stat.session() == session && stat.pid() != session)
        .filter(stat -> !stat.isZombie())
        .toList();
  }

  private static boolean runs(int pid) {
    ProcessStat stat = ProcessStat.of(pid);
    return stat != null && !stat.isZombie();
  }
}
