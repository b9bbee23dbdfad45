package dev.interdict.agent.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.interdict.bus.tls.Identity;
import dev.interdict.bus.tls.Pki;
import dev.interdict.bus.tls.Role;
import dev.interdict.schema.CommandResult;
import dev.interdict.schema.CommandResult.Status;
import dev.interdict.schema.SignedCommand;
import dev.interdict.schema.Target;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdmissionIT {
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
  void shouldRefuseProtectedTargets() throws Exception {
    Target root = Target.newBuilder().setCgroup("/").setCgroupId(1).build();
    assertThat(node.refusal(b -> TestNode.target(b, root))).contains("root cgroup");

    long self = ProcessHandle.current().pid();
    Path own = CgroupTree.mounted().root().resolve(node.cgroup().path().getFileName() + "/agent");
    Files.createDirectory(own);
    String before = CgroupTree.mounted().of((int) self);
    Files.writeString(own.resolve("cgroup.procs"), Long.toString(self));
    try {
      assertThat(node.refusal(b -> b)).contains("is protected: it holds this agent, pid=" + self);
    } finally {
      Files.writeString(
          Path.of(CgroupTree.mounted().root() + before).resolve("cgroup.procs"),
          Long.toString(self));
      Files.delete(own);
    }
    assertThat(node.refusal(b -> TestNode.target(b, t -> t.setCgroup("/a/../b"))))
        .contains("no . or ..");
    assertThat(node.refusal(b -> TestNode.target(b, t -> t.setCgroup("relative"))))
        .contains("a path from /");
  }

  @Test
  void shouldProtectARuntimeButNotWhoeverTakesItsName() throws Exception {
    Path fake = Files.copy(Path.of("/bin/sleep"), data.resolve("kubelet"));
    node.cgroup().start("exec " + fake + " 60");
    Awaitility.await()
        .until(
            () ->
                Files.readSymbolicLink(Path.of("/proc/" + node.cgroup().pid() + "/exe"))
                    .equals(fake));
    assertThat(node.refusal(b -> b)).contains("it holds kubelet");

    fake.toFile().setWritable(true, false);
    assertThat(node.handle(node.contain(false, true)).getStatus()).isEqualTo(Status.DONE);
  }

  @Test
  void shouldRefuseWhatIsNotProperlySigned() throws Exception {
    SignedCommand good = node.contain(false, true);
    byte[] forged = good.getCommand().toByteArray();
    forged[forged.length - 1] ^= 1;
    node.assertRefused(
        good.toBuilder().setCommand(ByteString.copyFrom(forged)).build(), "signature");
    Pki stranger = Pki.create("stranger", Duration.ofDays(1));
    Identity other = stranger.issue(Role.RESPONDER, "r1", Duration.ofDays(1));
    node.assertRefused(other.sign(node.command(b -> b)), "signature is not accepted");
    Identity consumer = TestNode.PKI.issue(Role.CONSUMER, "c", Duration.ofDays(1));
    node.assertRefused(consumer.sign(node.command(b -> b)), "consumer/c may not command nodes");
    node.assertRefused(SignedCommand.getDefaultInstance(), "certificateChain.length=0");
    assertThat(node.cgroup().events()).contains("frozen 0");
    assertThat(node.audit()).contains("\"status\":\"REFUSED\"");
  }

  @Test
  void shouldRefuseWhatIsNotForThisNodeAndNow() throws Exception {
    long nanos = node.now().getEpochSecond() * 1_000_000_000L;
    assertThat(node.refusal(b -> b.setNode("other")))
        .contains("for node=other, this is node=" + node.name());
    assertThat(node.refusal(b -> b.setEpoch(7))).contains("for epoch=7, this is epoch=1");
    assertThat(node.refusal(b -> b.setExpires(nanos - 1))).contains("expired at");
    assertThat(node.refusal(b -> b.setIssued(nanos + 60_000_000_000L))).contains("in the future");
    assertThat(node.refusal(b -> b.setExpires(nanos + 3_600_000_000_000L)))
        .contains("lives too long");
    assertThat(node.refusal(b -> b.setNonce(ByteString.EMPTY))).contains("nonce.length=0");
    assertThat(node.refusal(b -> b.setId("a b"))).contains("invalid command id=a b");
    assertThat(node.refusal(b -> b.clearAction())).contains("asks for nothing");
    assertThat(node.refusal(b -> b.setContain(b.getContain().toBuilder().setTtlSeconds(0))))
        .contains("invalid ttl_seconds=0");
    assertThat(node.cgroup().events()).contains("frozen 0");
  }

  @Test
  void shouldRefuseAReusedPidWhereNoCgroupIdSpeaksForTheTarget() throws Exception {
    node.cgroup().start("sleep 60");
    assertThat(
            node.refusal(
                b ->
                    TestNode.target(
                        b,
                        t ->
                            t.clearCgroupId().setPid(node.cgroup().pid()).setStartTime(1_000_000))))
        .contains("was used again");
    assertThat(node.refusal(b -> TestNode.target(b, t -> t.clearCgroupId())))
        .contains("neither a cgroup id");
    SignedCommand exact =
        node.contain(
            false,
            true,
            b ->
                TestNode.target(
                    b,
                    t ->
                        t.clearCgroupId()
                            .setPid(node.cgroup().pid())
                            .setStartTime(ProcessStart.ticks(node.cgroup().pid()) * 10_000_000)));
    assertThat(node.handle(exact).getStatus()).isEqualTo(Status.DONE);
  }

  @Test
  void shouldAnswerAKnownCommandWithoutRepeatingIt() throws Exception {
    node.cgroup().start("sleep 60");
    SignedCommand command = node.contain(false, true);
    node.handle(command);
    node.handle(node.release());
    node.executor().close();
    node.open(1);

    CommandResult again = node.handle(command);

    assertThat(again.getStatus()).isEqualTo(Status.DONE);
    assertThat(again.getMessage()).contains("done before, not repeated");
    assertThat(again.getContainmentsList()).isEmpty();
    assertThat(node.cgroup().events()).contains("frozen 0");
  }

  @Test
  void shouldRefuseANonceThatWasUsedEvenBeforeARestart() throws Exception {
    node.cgroup().start("sleep 60");
    ByteString nonce = TestNode.nonce();
    node.handle(node.contain(false, true, b -> b.setNonce(nonce)));
    node.handle(node.release());
    node.executor().close();
    node.open(1);

    assertThat(node.refusal(b -> b.setId("other").setNonce(nonce))).contains("replay");
    assertThat(
            node.refusal(
                b -> b.setContain(b.getContain().toBuilder().setContainmentId("elsewhere"))))
        .contains("was used for another action");
    assertThat(node.cgroup().events()).contains("frozen 0");
  }

  @Test
  void shouldRefuseACgroupThatItMayNotContain() throws Exception {
    node.executor().close();
    node.open(data, 1, new CgroupScope("/no-such-name-*"));

    CommandResult result = node.handle(node.contain(true, true));

    assertThat(result.getStatus()).isEqualTo(Status.REFUSED);
    assertThat(result.getMessage())
        .contains(node.cgroup().path().getFileName().toString(), "no-such-name-");
    assertThat(node.cgroup().events()).contains("frozen 0");
  }
}
