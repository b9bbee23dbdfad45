package dev.interdict.agent.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.protobuf.ByteString;
import dev.interdict.bus.tls.Identity;
import dev.interdict.bus.tls.Pki;
import dev.interdict.bus.tls.Role;
import dev.interdict.schema.Command;
import dev.interdict.schema.CommandResult;
import dev.interdict.schema.CommandResult.Status;
import dev.interdict.schema.Contain;
import dev.interdict.schema.Containment;
import dev.interdict.schema.ListContainments;
import dev.interdict.schema.Release;
import dev.interdict.schema.SignedCommand;
import dev.interdict.schema.Target;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContainmentIT {
  private static final Pki PKI = Pki.create("test", Duration.ofDays(1));
  private static final Identity NODE = PKI.issue(Role.NODE, "node-1", Duration.ofDays(1));
  private static final Identity RESPONDER = PKI.issue(Role.RESPONDER, "r1", Duration.ofDays(1));
  private static final SecureRandom RANDOM = new SecureRandom();

  @TempDir Path data;
  private final String node = "test-" + Long.toHexString(RANDOM.nextLong());
  private final AtomicReference<Instant> now = new AtomicReference<>(Instant.now());
  private final InstantSource clock = now::get;
  private TestCgroup cgroup;
  private CommandExecutor executor;

  @BeforeEach
  void open() throws IOException {
    assumeTrue("root".equals(System.getProperty("user.name")), "containment needs root");
    assumeTrue(
        Files.isWritable(CgroupTree.mounted().root().resolve("cgroup.procs")),
        "a writable cgroup v2 hierarchy is needed");
    cgroup = TestCgroup.create();
    executor = CommandExecutor.open(data, node, 1, NODE, clock, null);
  }

  @AfterEach
  void close() throws Exception {
    if (executor != null) {
      for (Containment containment : executor.containments()) {
        executor.release(containment.getId(), "test over");
      }
      executor.close();
    }
    if (cgroup != null) {
      cgroup.close();
    }
  }

  @Test
  void shouldFreezeAndThaw() throws Exception {
    Process process = cgroup.start("while :; do echo tick; done");
    CommandResult result = executor.handle(contain(false, true));

    assertThat(result.getMessage()).isEmpty();
    assertThat(result.getStatus()).isEqualTo(Status.DONE);
    assertThat(result.getContainments(0).getFrozen()).isTrue();
    assertThat(result.getContainments(0).getCut()).isFalse();
    assertThat(cgroup.events()).contains("frozen 1");
    assertThat(process.isAlive()).isTrue();

    assertThat(executor.handle(release()).getStatus()).isEqualTo(Status.DONE);
    assertThat(cgroup.events()).contains("frozen 0");
    assertThat(executor.containments()).isEmpty();
  }

  @Test
  void shouldRefuseACgroupThatItMayNotContain() throws Exception {
    executor.close();
    executor = CommandExecutor.open(data, node, 1, NODE, clock, "no-such-name-");

    CommandResult result = executor.handle(contain(true, true));

    assertThat(result.getStatus()).isEqualTo(Status.REFUSED);
    assertThat(result.getMessage())
        .contains(cgroup.path().getFileName().toString(), "no-such-name-");
    assertThat(cgroup.events()).contains("frozen 0");
  }

  @Test
  void shouldCutAConnectionThatStoodBefore() throws Exception {
    try (LoopbackPeer peer = LoopbackPeer.listen()) {
      cgroup.start(
          "exec 3<>/dev/tcp/127.0.0.1/"
              + peer.port()
              + "; while read line <&3; do echo got $line >&3; done");
      peer.accept();
      assertThat(peer.ask("before")).isEqualTo("got before");

      CommandResult result = executor.handle(contain(true, false));
      assertThat(result.getMessage()).isEmpty();
      assertThat(result.getContainments(0).getCut()).isTrue();
      assertThat(result.getContainments(0).getFrozen()).isFalse();

      assertThat(peer.ask("during")).isNull();
      assertThat(peer.unacknowledged()).isPositive();

      assertThat(executor.handle(release()).getStatus()).isEqualTo(Status.DONE);
      // TCP sends again what was lost, so the same connection goes on.
      assertThat(peer.read(Duration.ofSeconds(20))).isEqualTo("got during");
    }
  }

  @Test
  void shouldDestroyASocketThatWasMadeOutside() throws Exception {
    try (LoopbackPeer peer = LoopbackPeer.listen()) {
      cgroup.startOutside(
          "exec 3<>/dev/tcp/127.0.0.1/"
              + peer.port()
              + "; echo $$ > "
              + cgroup.path()
              + "/cgroup.procs; while read line <&3; do echo got $line >&3; done");
      peer.accept();
      assertThat(peer.ask("before")).isEqualTo("got before");

      assertThat(executor.handle(contain(true, false)).getStatus()).isEqualTo(Status.DONE);

      assertThat(peer.isReset()).isTrue();
    }
  }

  @Test
  void shouldHoldAndUndoWithoutTheAgentInBetween() throws Exception {
    cgroup.start("while :; do echo tick; done");
    executor.handle(contain(true, true));
    executor.close();
    assertThat(cgroup.events()).contains("frozen 1");

    executor = CommandExecutor.open(data, node, 2, NODE, clock, null);
    Containment adopted = executor.containments().get(0);
    assertThat(adopted.getId()).isEqualTo("c1");
    assertThat(adopted.getCut()).isTrue();
    assertThat(adopted.getFrozen()).isTrue();

    now.updateAndGet(t -> t.plusSeconds(61));
    executor.expire();
    assertThat(executor.containments()).isEmpty();
    assertThat(cgroup.events()).contains("frozen 0");
    assertThat(NetworkCut.BPFFS.resolve("interdict").resolve(node)).isEmptyDirectory();
    assertThat(Files.readString(data.resolve("audit.jsonl")))
        .contains("\"event\":\"adopted\"")
        .contains("\"message\":\"its time is over\"");
  }

  @Test
  void shouldUndoAtStartWhatEndedWhileTheAgentWasDown() throws Exception {
    cgroup.start("sleep 60");
    executor.handle(contain(true, true));
    executor.close();
    now.updateAndGet(t -> t.plusSeconds(61));

    executor = CommandExecutor.open(data, node, 2, NODE, clock, null);

    assertThat(executor.containments()).isEmpty();
    assertThat(cgroup.events()).contains("frozen 0");
  }

  @Test
  void shouldMendAContainmentThatSomeoneUndid() throws Exception {
    cgroup.start("sleep 60");
    executor.handle(contain(true, true));
    executor.close();
    Files.writeString(cgroup.path().resolve("cgroup.freeze"), "0");
    Awaitility.await().until(() -> cgroup.events().contains("frozen 0"));

    executor = CommandExecutor.open(data, node, 2, NODE, clock, null);

    assertThat(cgroup.events()).contains("frozen 1");
  }

  @Test
  void shouldForgetATargetThatIsGone() throws Exception {
    cgroup.start("sleep 60");
    executor.handle(contain(true, true));
    cgroup.close();

    executor.expire();

    assertThat(executor.containments()).isEmpty();
    assertThat(Files.readString(data.resolve("audit.jsonl"))).contains("\"event\":\"target_gone\"");
    CommandResult late = executor.handle(contain(true, true, b -> b.setId("late")));
    assertThat(late.getStatus()).isEqualTo(Status.FAILED);
    assertThat(late.getMessage()).contains("target is gone: cgroup=" + cgroup.name());
  }

  @Test
  void shouldKeepFrozenWhatAnotherContainmentStillHolds() throws Exception {
    cgroup.start("sleep 60");
    executor.handle(contain(false, true));
    SignedCommand second =
        contain(
            false,
            true,
            b -> b.setId("second").setContain(b.getContain().toBuilder().setContainmentId("c2")));
    assertThat(executor.handle(second).getStatus()).isEqualTo(Status.DONE);

    executor.release("c1", "test");
    assertThat(cgroup.events()).contains("frozen 1");
    executor.release("c2", "test");
    assertThat(cgroup.events()).contains("frozen 0");
  }

  @Test
  void shouldLeaveFrozenWhatWasFrozenBefore() throws Exception {
    cgroup.start("sleep 60");
    Files.writeString(cgroup.path().resolve("cgroup.freeze"), "1");
    executor.handle(contain(false, true));
    executor.handle(release());
    assertThat(cgroup.events()).contains("frozen 1");
  }

  @Test
  void shouldRefuseProtectedTargets() throws Exception {
    Target root = Target.newBuilder().setCgroup("/").setCgroupId(1).build();
    assertThat(refusal(b -> target(b, root))).contains("root cgroup");

    long self = ProcessHandle.current().pid();
    Path own = CgroupTree.mounted().root().resolve(cgroup.path().getFileName() + "/agent");
    Files.createDirectory(own);
    String before = CgroupTree.mounted().of((int) self);
    Files.writeString(own.resolve("cgroup.procs"), Long.toString(self));
    try {
      assertThat(refusal(b -> b)).contains("is protected: it holds this agent, pid=" + self);
    } finally {
      Files.writeString(
          Path.of(CgroupTree.mounted().root() + before).resolve("cgroup.procs"),
          Long.toString(self));
      Files.delete(own);
    }
    assertThat(refusal(b -> target(b, t -> t.setCgroup("/a/../b")))).contains("no . or ..");
    assertThat(refusal(b -> target(b, t -> t.setCgroup("relative")))).contains("a path from /");
  }

  @Test
  void shouldProtectARuntimeButNotWhoeverTakesItsName() throws Exception {
    Path fake = Files.copy(Path.of("/bin/sleep"), data.resolve("kubelet"));
    cgroup.start("exec " + fake + " 60");
    Awaitility.await()
        .until(
            () -> Files.readSymbolicLink(Path.of("/proc/" + cgroup.pid() + "/exe")).equals(fake));
    assertThat(refusal(b -> b)).contains("it holds kubelet");

    fake.toFile().setWritable(true, false);
    assertThat(executor.handle(contain(false, true)).getStatus()).isEqualTo(Status.DONE);
  }

  @Test
  void shouldRefuseWhatIsNotProperlySigned() throws Exception {
    SignedCommand good = contain(false, true);
    byte[] forged = good.getCommand().toByteArray();
    forged[forged.length - 1] ^= 1;
    assertRefused(good.toBuilder().setCommand(ByteString.copyFrom(forged)).build(), "signature");
    Pki stranger = Pki.create("stranger", Duration.ofDays(1));
    Identity other = stranger.issue(Role.RESPONDER, "r1", Duration.ofDays(1));
    assertRefused(other.sign(command(b -> b)), "signature is not accepted");
    Identity consumer = PKI.issue(Role.CONSUMER, "c", Duration.ofDays(1));
    assertRefused(consumer.sign(command(b -> b)), "consumer/c may not command nodes");
    assertRefused(SignedCommand.getDefaultInstance(), "certificateChain.length=0");
    assertThat(cgroup.events()).contains("frozen 0");
    assertThat(Files.readString(data.resolve("audit.jsonl"))).contains("\"status\":\"REFUSED\"");
  }

  @Test
  void shouldRefuseWhatIsNotForThisNodeAndNow() throws Exception {
    long nanos = now.get().getEpochSecond() * 1_000_000_000L;
    assertThat(refusal(b -> b.setNode("other"))).contains("for node=other, this is node=" + node);
    assertThat(refusal(b -> b.setEpoch(7))).contains("for epoch=7, this is epoch=1");
    assertThat(refusal(b -> b.setExpires(nanos - 1))).contains("expired at");
    assertThat(refusal(b -> b.setIssued(nanos + 60_000_000_000L))).contains("in the future");
    assertThat(refusal(b -> b.setExpires(nanos + 3_600_000_000_000L))).contains("lives too long");
    assertThat(refusal(b -> b.setNonce(ByteString.EMPTY))).contains("nonce.length=0");
    assertThat(refusal(b -> b.setId("a b"))).contains("invalid command id=a b");
    assertThat(refusal(b -> b.clearAction())).contains("asks for nothing");
    assertThat(refusal(b -> b.setContain(b.getContain().toBuilder().setTtlSeconds(0))))
        .contains("invalid ttl_seconds=0");
    assertThat(cgroup.events()).contains("frozen 0");
  }

  @Test
  void shouldRefuseAReusedPidWhereNoCgroupIdSpeaksForTheTarget() throws Exception {
    cgroup.start("sleep 60");
    assertThat(
            refusal(
                b ->
                    target(b, t -> t.clearCgroupId().setPid(cgroup.pid()).setStartTime(1_000_000))))
        .contains("was used again");
    assertThat(refusal(b -> target(b, t -> t.clearCgroupId()))).contains("neither a cgroup id");
    SignedCommand exact =
        contain(
            false,
            true,
            b ->
                target(
                    b,
                    t ->
                        t.clearCgroupId()
                            .setPid(cgroup.pid())
                            .setStartTime(ProcessStart.ticks(cgroup.pid()) * 10_000_000)));
    assertThat(executor.handle(exact).getStatus()).isEqualTo(Status.DONE);
  }

  @Test
  void shouldTellThatTheProcessLeftTheCgroup() throws Exception {
    cgroup.startOutside("exec sleep 60");
    SignedCommand command =
        contain(
            false,
            true,
            b ->
                target(
                    b,
                    t ->
                        t.setPid(cgroup.pid())
                            .setStartTime(ProcessStart.ticks(cgroup.pid()) * 10_000_000)));
    CommandResult result = executor.handle(command);
    assertThat(result.getStatus()).isEqualTo(Status.FAILED);
    assertThat(result.getMessage()).contains("the process is not");
  }

  @Test
  void shouldAnswerAKnownCommandWithoutRepeatingIt() throws Exception {
    cgroup.start("sleep 60");
    SignedCommand command = contain(false, true);
    executor.handle(command);
    executor.handle(release());
    executor.close();
    executor = CommandExecutor.open(data, node, 1, NODE, clock, null);

    CommandResult again = executor.handle(command);

    assertThat(again.getStatus()).isEqualTo(Status.DONE);
    assertThat(again.getMessage()).contains("done before, not repeated");
    assertThat(again.getContainmentsList()).isEmpty();
    assertThat(cgroup.events()).contains("frozen 0");
  }

  @Test
  void shouldRefuseANonceThatWasUsedEvenBeforeARestart() throws Exception {
    cgroup.start("sleep 60");
    ByteString nonce = nonce();
    executor.handle(contain(false, true, b -> b.setNonce(nonce)));
    executor.handle(release());
    executor.close();
    executor = CommandExecutor.open(data, node, 1, NODE, clock, null);

    assertThat(refusal(b -> b.setId("other").setNonce(nonce))).contains("replay");
    assertThat(refusal(b -> b.setContain(b.getContain().toBuilder().setContainmentId("elsewhere"))))
        .contains("was used for another action");
    assertThat(cgroup.events()).contains("frozen 0");
  }

  @Test
  void shouldContainAlthoughTheDiskIsFull() throws Exception {
    executor.close();
    Path full = Files.createDirectory(data.resolve("full"));
    mount("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", full.toString());
    try {
      executor = CommandExecutor.open(full, node, 1, NODE, clock, null);
      fill(full.resolve("filler"));
      cgroup.start("sleep 60");

      CommandResult result = executor.handle(contain(true, true));

      assertThat(result.getMessage()).contains("the journal cannot be written");
      assertThat(result.getStatus()).isEqualTo(Status.DONE);
      assertThat(cgroup.events()).contains("frozen 1");
      now.updateAndGet(t -> t.plusSeconds(61));
      Files.delete(full.resolve("filler"));
      executor.expire();
      assertThat(cgroup.events()).contains("frozen 0");
      executor.close();
      executor = CommandExecutor.open(full, node, 1, NODE, clock, null);
      assertThat(executor.containments()).isEmpty();
      executor.close();
      executor = null;
    } finally {
      mount("umount", "-l", full.toString());
    }
  }

  @Test
  void shouldLeaveNothingInTheKernelWhenNothingIsContained() throws Exception {
    Path pins = NetworkCut.BPFFS.resolve("interdict").resolve(node);
    assertThat(executor.obstacle()).isNull();
    assertThat(pins).isEmptyDirectory();
    executor.close();
    assertThat(pins).doesNotExist();
    executor = CommandExecutor.open(data, node, 1, NODE, clock, null);
  }

  @Test
  void shouldListWhatIsInForce() throws Exception {
    cgroup.start("sleep 60");
    executor.handle(contain(true, true));
    CommandResult list =
        executor.handle(
            RESPONDER.sign(
                command(b -> b.setId("l").setList(ListContainments.getDefaultInstance()))));
    assertThat(list.getContainmentsList()).hasSize(1);
    assertThat(list.getContainments(0).getAlertId()).isEqualTo("alert");
    assertThat(list.getContainments(0).getCgroupId()).isEqualTo(cgroup.id());
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

  private void assertRefused(SignedCommand command, String why) {
    CommandResult result = executor.handle(command);
    assertThat(result.getStatus()).isEqualTo(Status.REFUSED);
    assertThat(result.getMessage()).contains(why);
  }

  private String refusal(UnaryOperator<Command.Builder> change) throws IOException {
    CommandResult result = executor.handle(contain(false, true, change));
    assertThat(result.getStatus()).isEqualTo(Status.REFUSED);
    return result.getMessage();
  }

  private SignedCommand contain(boolean cut, boolean freeze) throws IOException {
    return contain(cut, freeze, b -> b);
  }

  private SignedCommand contain(boolean cut, boolean freeze, UnaryOperator<Command.Builder> change)
      throws IOException {
    Contain.Builder contain =
        Contain.newBuilder()
            .setContainmentId("c1")
            .setTarget(Target.newBuilder().setCgroup(cgroup.name()).setCgroupId(cgroup.id()))
            .setCut(cut)
            .setFreeze(freeze)
            .setTtlSeconds(60);
    return RESPONDER.sign(command(b -> change.apply(b.setId("contain").setContain(contain))));
  }

  private SignedCommand release() {
    return RESPONDER.sign(
        command(b -> b.setId("release").setRelease(Release.newBuilder().setContainmentId("c1"))));
  }

  private Command command(UnaryOperator<Command.Builder> change) {
    Instant instant = now.get();
    long nanos = instant.getEpochSecond() * 1_000_000_000L + instant.getNano();
    return change
        .apply(
            Command.newBuilder()
                .setId("id")
                .setNode(node)
                .setEpoch(1)
                .setIssued(nanos)
                .setExpires(nanos + 30_000_000_000L)
                .setNonce(nonce())
                .setAlertId("alert")
                .setReason("test"))
        .build();
  }

  private static Command.Builder target(Command.Builder command, Target target) {
    return command.setContain(command.getContain().toBuilder().setTarget(target));
  }

  private static Command.Builder target(
      Command.Builder command, UnaryOperator<Target.Builder> change) {
    return target(command, change.apply(command.getContain().getTarget().toBuilder()).build());
  }

  private static ByteString nonce() {
    byte[] nonce = new byte[16];
    RANDOM.nextBytes(nonce);
    return ByteString.copyFrom(nonce);
  }
}
