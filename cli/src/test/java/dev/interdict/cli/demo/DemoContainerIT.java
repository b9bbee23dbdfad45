package dev.interdict.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.protobuf.ByteString;
import dev.interdict.agent.command.CgroupScope;
import dev.interdict.agent.command.CommandExecutor;
import dev.interdict.bus.tls.Pki;
import dev.interdict.bus.tls.Role;
import dev.interdict.schema.Command;
import dev.interdict.schema.CommandResult;
import dev.interdict.schema.Contain;
import dev.interdict.schema.Target;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.HttpURLConnection;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoContainerIT {
  private static final Duration LIMIT = Duration.ofSeconds(10);

  @BeforeEach
  void needsRootAndCgroupV2() throws IOException {
    assumeTrue("root".equals(System.getProperty("user.name")), "namespaces need root");
    assumeTrue(
        Files.isWritable(DemoCgroup.root().resolve("cgroup.procs")),
        "a writable cgroup v2 hierarchy is needed");
  }

  @Test
  void shouldRunCommandInItsOwnCgroupAndRootFileSystem() throws Exception {
    try (DemoContainer container =
        DemoContainer.start(
            "inside",
            "test/inside:1",
            List.of(
                "/bin/sh",
                "-c",
                "echo cgroup $(cat /proc/self/cgroup | grep ^0:); echo pid $$;"
                    + " echo host $(cat /proc/sys/kernel/hostname); cat /etc/shadow;"
                    + " touch /usr/x 2>/dev/null || echo usr is read-only;"
                    + " touch /x 2>/dev/null || echo root is read-only;"
                    + " ls /work /home 2>/dev/null || echo nothing of the host; sleep 60"))) {
      BufferedReader output =
          new BufferedReader(
              new InputStreamReader(container.process().getInputStream(), StandardCharsets.UTF_8));
      StringBuilder seen = new StringBuilder();
      for (int i = 0; i < 7; i++) {
        seen.append(output.readLine()).append('\n');
      }
      assertThat(seen.toString())
          .isEqualTo(
              """
              cgroup 0::/
              pid 1
              host inside
              root:$6$interdict$demo.not.a.real.hash:20000:0:99999:7:::
              usr is read-only
              root is read-only
              nothing of the host
              """);
      assertThat(container.pids()).hasSizeGreaterThanOrEqualTo(2);
      for (long pid : container.pids()) {
        assertThat(Files.readString(Path.of("/proc/" + pid + "/cgroup")))
            .contains("0::" + container.cgroup());
      }
    }
  }

  @Test
  void shouldLeaveNothingBehind() throws Exception {
    DemoContainer container =
        DemoContainer.start("gone", "test/gone:1", List.of("/bin/sleep", "60"));
    Path cgroup = container.cgroupPath();
    Path bundle = DemoContainer.BUNDLES.resolve(container.id());
    Awaitility.await().until(() -> container.pids().size() >= 2);
    List<Long> pids = container.pids();
    Files.writeString(cgroup.resolve("cgroup.freeze"), "1");
    Awaitility.await().until(container::frozen);

    container.close();

    assertThat(cgroup).doesNotExist();
    assertThat(bundle).doesNotExist();
    Awaitility.await()
        .untilAsserted(() -> pids.forEach(pid -> assertThat(ProcessHandle.of(pid)).isNotPresent()));
    assertThat(Files.readString(Path.of("/proc/self/mounts"))).doesNotContain(container.id());
  }

  @Test
  void shouldSweepWhatAKilledOwnerLeftBehindAndNothingElse() throws Exception {
    try (DemoContainer own =
        DemoContainer.start("own", "test/own:1", List.of("/bin/sleep", "60"))) {
      DemoContainer orphan =
          DemoContainer.start("orphan", "test/orphan:1", List.of("/bin/sleep", "60"));
      Process dead = new ProcessBuilder("/bin/true").start();
      dead.waitFor(5, TimeUnit.SECONDS);
      Files.writeString(
          DemoContainer.BUNDLES.resolve(orphan.id()).resolve("owner"), dead.pid() + " 1");

      assertThat(DemoContainer.sweep()).contains(orphan.id()).doesNotContain(own.id());

      assertThat(orphan.cgroupPath()).doesNotExist();
      assertThat(DemoContainer.BUNDLES.resolve(orphan.id())).doesNotExist();
      assertThat(own.cgroupPath()).exists();
      assertThat(own.process().isAlive()).isTrue();
    }
  }

  @Test
  void shouldBeTakenOverThroughTheServiceUntilItIsFrozen() throws Exception {
    try (Victim victim = Victim.start("shop");
        Attack attack = Attack.on(victim.service())) {
      attack.exploit(LIMIT);
      assertThat(attack.readCredentials(LIMIT)).contains("root:$6$interdict$");
      assertThat(attack.dropAndExecute(LIMIT)).contains("uid=0(root)");
      assertThat(attack.carries(LIMIT)).isTrue();

      Files.writeString(victim.container().cgroupPath().resolve("cgroup.freeze"), "1");
      Awaitility.await().until(victim.container()::frozen);

      assertThat(attack.carries(Duration.ofMillis(200))).isFalse();
      assertThatThrownBy(() -> attack.readCredentials(Duration.ofMillis(200)))
          .isInstanceOf(SocketTimeoutException.class)
          .hasMessageContaining("cat /etc/shadow");
      // Frozen, but not cut: the kernel still takes what is sent.
      Awaitility.await().until(() -> attack.unacknowledged() == 0);
    }
  }

  @Test
  void shouldProveTheCutByWhatTheAttackerNeverGetsAcknowledged(@TempDir Path data)
      throws Exception {
    Pki pki = Pki.create("test", Duration.ofDays(1));
    String node = "demo-test";
    try (Victim victim = Victim.start("shop");
        Attack attack = Attack.on(victim.service());
        CommandExecutor agent =
            CommandExecutor.open(
                data,
                node,
                1,
                pki.issue(Role.NODE, node, Duration.ofDays(1)),
                InstantSource.system(),
                CgroupScope.HOST,
                null)) {
      attack.exploit(LIMIT);
      assertThat(attack.carries(LIMIT)).isTrue();
      Awaitility.await().until(() -> attack.unacknowledged() == 0);

      long now = System.currentTimeMillis() * 1_000_000L;
      Contain contain =
          Contain.newBuilder()
              .setContainmentId("demo")
              .setCut(true)
              .setFreeze(true)
              .setTtlSeconds(60)
              .setTarget(
                  Target.newBuilder()
                      .setCgroup(victim.container().cgroup())
                      .setCgroupId(victim.container().cgroupId()))
              .build();
      CommandResult result =
          agent.handle(
              pki.issue(Role.RESPONDER, "r", Duration.ofDays(1))
                  .sign(
                      Command.newBuilder()
                          .setId("demo")
                          .setNode(node)
                          .setEpoch(1)
                          .setIssued(now)
                          .setExpires(now + 10_000_000_000L)
                          .setNonce(ByteString.copyFrom(new byte[16]))
                          .setContain(contain)
                          .build()));

      assertThat(result.getMessage()).isEmpty();
      assertThat(victim.container().frozen()).isTrue();
      assertThat(attack.carries(Duration.ofMillis(200))).isFalse();
      assertThat(attack.unacknowledged()).isPositive();

      victim.close();
      Awaitility.await().until(() -> agent.containments().isEmpty());
    }
    assertThat(Path.of("/sys/fs/bpf/interdict").resolve(node)).doesNotExist();
  }

  @Test
  void shouldServeOnlyWhoKnowsTheSecretPath() throws Exception {
    try (Victim victim = Victim.start("secret")) {
      assertThat(status(victim.service())).isEqualTo(200);
      assertThat(status(victim.service().resolve("/thumbnail"))).isEqualTo(404);
    }
  }

  private static int status(URI uri) throws IOException {
    HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection();
    connection.setReadTimeout(5000);
    return connection.getResponseCode();
  }
}
