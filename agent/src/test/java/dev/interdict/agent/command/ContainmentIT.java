package dev.interdict.agent.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interdict.schema.CommandResult;
import dev.interdict.schema.CommandResult.Status;
import dev.interdict.schema.Containment;
import dev.interdict.schema.ListContainments;
import dev.interdict.schema.SignedCommand;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContainmentIT {
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
  void shouldFreezeAndThaw() throws Exception {
    Process process = node.cgroup().start("while :; do echo tick; done");
    CommandResult result = node.handle(node.contain(false, true));

    assertThat(result.getMessage()).isEmpty();
    assertThat(result.getStatus()).isEqualTo(Status.DONE);
    assertThat(result.getContainments(0).getFrozen()).isTrue();
    assertThat(result.getContainments(0).getCut()).isFalse();
    assertThat(node.cgroup().events()).contains("frozen 1");
    assertThat(process.isAlive()).isTrue();

    assertThat(node.handle(node.release()).getStatus()).isEqualTo(Status.DONE);
    assertThat(node.cgroup().events()).contains("frozen 0");
    assertThat(node.executor().containments()).isEmpty();
  }

  @Test
  void shouldCutAConnectionThatStoodBefore() throws Exception {
    try (LoopbackPeer peer = LoopbackPeer.listen()) {
      node.cgroup()
          .start(
              "exec 3<>/dev/tcp/127.0.0.1/"
                  + peer.port()
                  + "; while read line <&3; do echo got $line >&3; done");
      peer.accept();
      assertThat(peer.ask("before")).isEqualTo("got before");

      CommandResult result = node.handle(node.contain(true, false));
      assertThat(result.getMessage()).isEmpty();
      assertThat(result.getContainments(0).getCut()).isTrue();
      assertThat(result.getContainments(0).getFrozen()).isFalse();

      assertThat(peer.ask("during")).isNull();
      assertThat(peer.unacknowledged()).isPositive();

      assertThat(node.handle(node.release()).getStatus()).isEqualTo(Status.DONE);
      // TCP sends again what was lost, so the same connection goes on.
      assertThat(peer.read(Duration.ofSeconds(20))).isEqualTo("got during");
    }
  }

  @Test
  void shouldDestroyASocketThatWasMadeOutside() throws Exception {
    try (LoopbackPeer peer = LoopbackPeer.listen()) {
      node.cgroup()
          .startOutside(
              "exec 3<>/dev/tcp/127.0.0.1/"
                  + peer.port()
                  + "; echo $$ > "
                  + node.cgroup().path()
                  + "/cgroup.procs; while read line <&3; do echo got $line >&3; done");
      peer.accept();
      assertThat(peer.ask("before")).isEqualTo("got before");

      assertThat(node.handle(node.contain(true, false)).getStatus()).isEqualTo(Status.DONE);

      assertThat(peer.isReset()).isTrue();
    }
  }

  @Test
  void shouldHoldAndUndoWithoutTheAgentInBetween() throws Exception {
    node.cgroup().start("while :; do echo tick; done");
    node.handle(node.contain(true, true));
    node.executor().close();
    assertThat(node.cgroup().events()).contains("frozen 1");

    node.open(2);
    Containment adopted = node.executor().containments().get(0);
    assertThat(adopted.getId()).isEqualTo("c1");
    assertThat(adopted.getCut()).isTrue();
    assertThat(adopted.getFrozen()).isTrue();

    node.pass(Duration.ofSeconds(61));
    node.executor().expire();
    assertThat(node.executor().containments()).isEmpty();
    assertThat(node.cgroup().events()).contains("frozen 0");
    assertThat(node.pins()).isEmptyDirectory();
    assertThat(node.audit())
        .contains("\"event\":\"adopted\"")
        .contains("\"message\":\"its time is over\"");
  }

  @Test
  void shouldUndoAtStartWhatEndedWhileTheAgentWasDown() throws Exception {
    node.cgroup().start("sleep 60");
    node.handle(node.contain(true, true));
    node.executor().close();
    node.pass(Duration.ofSeconds(61));

    node.open(2);

    assertThat(node.executor().containments()).isEmpty();
    assertThat(node.cgroup().events()).contains("frozen 0");
  }

  @Test
  void shouldMendAContainmentThatSomeoneUndid() throws Exception {
    node.cgroup().start("sleep 60");
    node.handle(node.contain(true, true));
    node.executor().close();
    Files.writeString(node.cgroup().path().resolve("cgroup.freeze"), "0");
    Awaitility.await().until(() -> node.cgroup().events().contains("frozen 0"));

    node.open(2);

    assertThat(node.cgroup().events()).contains("frozen 1");
  }

  @Test
  void shouldForgetATargetThatIsGone() throws Exception {
    node.cgroup().start("sleep 60");
    node.handle(node.contain(true, true));
    node.cgroup().close();

    node.executor().expire();

    assertThat(node.executor().containments()).isEmpty();
    assertThat(node.audit()).contains("\"event\":\"target_gone\"");
    CommandResult late = node.handle(node.contain(true, true, b -> b.setId("late")));
    assertThat(late.getStatus()).isEqualTo(Status.FAILED);
    assertThat(late.getMessage()).contains("target is gone: cgroup=" + node.cgroup().name());
  }

  @Test
  void shouldKeepFrozenWhatAnotherContainmentStillHolds() throws Exception {
    node.cgroup().start("sleep 60");
    node.handle(node.contain(false, true));
    SignedCommand second =
        node.contain(
            false,
            true,
            b -> b.setId("second").setContain(b.getContain().toBuilder().setContainmentId("c2")));
    assertThat(node.handle(second).getStatus()).isEqualTo(Status.DONE);

    node.executor().release("c1", "test");
    assertThat(node.cgroup().events()).contains("frozen 1");
    node.executor().release("c2", "test");
    assertThat(node.cgroup().events()).contains("frozen 0");
  }

  @Test
  void shouldLeaveFrozenWhatWasFrozenBefore() throws Exception {
    node.cgroup().start("sleep 60");
    Files.writeString(node.cgroup().path().resolve("cgroup.freeze"), "1");
    node.handle(node.contain(false, true));
    node.handle(node.release());
    assertThat(node.cgroup().events()).contains("frozen 1");
  }

  @Test
  void shouldTellThatTheProcessLeftTheCgroup() throws Exception {
    node.cgroup().startOutside("exec sleep 60");
    SignedCommand command =
        node.contain(
            false,
            true,
            b ->
                TestNode.target(
                    b,
                    t ->
                        t.setPid(node.cgroup().pid())
                            .setStartTime(ProcessStart.ticks(node.cgroup().pid()) * 10_000_000)));
    CommandResult result = node.handle(command);
    assertThat(result.getStatus()).isEqualTo(Status.FAILED);
    assertThat(result.getMessage()).contains("the process is not");
  }

  @Test
  void shouldContainAlthoughTheDiskIsFull() throws Exception {
    node.executor().close();
    Path full = Files.createDirectory(data.resolve("full"));
    mount("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", full.toString());
    try {
      node.open(full, 1, CgroupScope.HOST);
      fill(full.resolve("filler"));
      node.cgroup().start("sleep 60");

      CommandResult result = node.handle(node.contain(true, true));

      assertThat(result.getMessage()).contains("the journal cannot be written");
      assertThat(result.getStatus()).isEqualTo(Status.DONE);
      assertThat(node.cgroup().events()).contains("frozen 1");
      node.pass(Duration.ofSeconds(61));
      Files.delete(full.resolve("filler"));
      node.executor().expire();
      assertThat(node.cgroup().events()).contains("frozen 0");
      node.executor().close();
      node.open(full, 1, CgroupScope.HOST);
      assertThat(node.executor().containments()).isEmpty();
      node.executor().close();
      node.open(1);
    } finally {
      mount("umount", "-l", full.toString());
    }
  }

  @Test
  void shouldLeaveNothingInTheKernelWhenNothingIsContained() throws Exception {
    Path pins = node.pins();
    assertThat(node.executor().obstacle()).isNull();
    assertThat(pins).isEmptyDirectory();
    node.executor().close();
    assertThat(pins).doesNotExist();
    node.open(1);
  }

  @Test
  void shouldListWhatIsInForce() throws Exception {
    node.cgroup().start("sleep 60");
    node.handle(node.contain(true, true));
    CommandResult list =
        node.handle(
            TestNode.RESPONDER.sign(
                node.command(b -> b.setId("l").setList(ListContainments.getDefaultInstance()))));
    assertThat(list.getContainmentsList()).hasSize(1);
    assertThat(list.getContainments(0).getAlertId()).isEqualTo("alert");
    assertThat(list.getContainments(0).getCgroupId()).isEqualTo(node.cgroup().id());
  }

  private static void mount(String... command) throws Exception {
    assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
  }

  private static void fill(Path file) throws IOException {
    try (OutputStream out = Files.newOutputStream(file)) {
      while (true) {
        out.write(new byte[512]);
      }
    } catch (IOException noSpace) {
      assertThat(noSpace).hasMessageContaining("space");
    }
  }
}
