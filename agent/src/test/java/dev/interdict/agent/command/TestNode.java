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
import dev.interdict.schema.Release;
import dev.interdict.schema.SignedCommand;
import dev.interdict.schema.Target;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;

/** An executor of commands on this kernel, a responder that signs them, and a cgroup to try on. */
final class TestNode implements AutoCloseable {
  static final Pki PKI = Pki.create("test", Duration.ofDays(1));
  static final Identity NODE = PKI.issue(Role.NODE, "node-1", Duration.ofDays(1));
  static final Identity RESPONDER = PKI.issue(Role.RESPONDER, "r1", Duration.ofDays(1));
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final long TICK_NANOS = 10_000_000;

  private final Path data;
  private final String node = "test-" + Long.toHexString(RANDOM.nextLong());
  private final AtomicReference<Instant> now = new AtomicReference<>(Instant.now());
  private final TestCgroup cgroup;
  private Evidence evidence;
  private CommandExecutor executor;

  private TestNode(Path data, TestCgroup cgroup) {
    this.data = data;
    this.cgroup = cgroup;
  }

  static TestNode start(Path data) throws IOException {
    assumeTrue("root".equals(System.getProperty("user.name")), "containment needs root");
    assumeTrue(
        Files.isWritable(CgroupTree.mounted().root().resolve("cgroup.procs")),
        "a writable cgroup v2 hierarchy is needed");
    TestNode started = new TestNode(data, TestCgroup.create());
    started.open(1);
    return started;
  }

  void open(long epoch) throws IOException {
    open(data, epoch, CgroupScope.HOST);
  }

  void open(Path directory, long epoch, CgroupScope scope) throws IOException {
    executor = CommandExecutor.open(directory, node, epoch, NODE, now::get, scope, evidence);
  }

  void restart(long epoch) throws IOException {
    executor.close();
    open(epoch);
  }

  void saveTo(Evidence value) throws IOException {
    evidence = value;
    restart(1);
  }

  String name() {
    return node;
  }

  TestCgroup cgroup() {
    return cgroup;
  }

  CommandExecutor executor() {
    return executor;
  }

  Instant now() {
    return now.get();
  }

  long nanos() {
    return now().getEpochSecond() * 1_000_000_000L + now().getNano();
  }

  void pass(Duration time) {
    now.updateAndGet(t -> t.plus(time));
  }

  String audit() throws IOException {
    return Files.readString(data.resolve("audit.jsonl"));
  }

  Path pins() {
    return NetworkCut.BPFFS.resolve("interdict").resolve(node);
  }

  CommandResult handle(SignedCommand command) {
    return executor.handle(command);
  }

  CommandResult handle(UnaryOperator<Command.Builder> command) {
    return executor.handle(RESPONDER.sign(command(command)));
  }

  void assertRefused(SignedCommand command, String why) {
    CommandResult result = executor.handle(command);
    assertThat(result.getStatus()).isEqualTo(Status.REFUSED);
    assertThat(result.getMessage()).contains(why);
  }

  String refusal(UnaryOperator<Command.Builder> change) throws IOException {
    CommandResult result = executor.handle(contain(false, true, change));
    assertThat(result.getStatus()).as(result.getMessage()).isEqualTo(Status.REFUSED);
    return result.getMessage();
  }

  SignedCommand contain(boolean cut, boolean freeze) throws IOException {
    return contain(cut, freeze, b -> b);
  }

  SignedCommand contain(boolean cut, boolean freeze, UnaryOperator<Command.Builder> change)
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

  SignedCommand release() {
    return RESPONDER.sign(
        command(b -> b.setId("release").setRelease(Release.newBuilder().setContainmentId("c1"))));
  }

  Command command(UnaryOperator<Command.Builder> change) {
    return change
        .apply(
            Command.newBuilder()
                .setId("id")
                .setNode(node)
                .setEpoch(1)
                .setIssued(nanos())
                .setExpires(nanos() + 30_000_000_000L)
                .setNonce(nonce())
                .setAlertId("alert")
                .setReason("test"))
        .build();
  }

  /** A process by pid and start time, as an event names it. */
  static Target process(long pid) {
    return Target.newBuilder()
        .setPid(Math.toIntExact(pid))
        .setStartTime(ProcessStart.ticks(Math.toIntExact(pid)) * TICK_NANOS)
        .build();
  }

  static Command.Builder target(Command.Builder command, Target target) {
    return command.setContain(command.getContain().toBuilder().setTarget(target));
  }

  static Command.Builder target(Command.Builder command, UnaryOperator<Target.Builder> change) {
    return target(command, change.apply(command.getContain().getTarget().toBuilder()).build());
  }

  static ByteString nonce() {
    byte[] nonce = new byte[16];
    RANDOM.nextBytes(nonce);
    return ByteString.copyFrom(nonce);
  }

  @Override
  public void close() throws IOException {
    if (executor != null) {
      for (Containment containment : executor.containments()) {
        executor.release(containment.getId(), "test over");
      }
      executor.close();
    }
    cgroup.close();
  }
}
