package dev.interdict.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.interdict.agent.kernel.Capabilities;
import dev.interdict.agent.kernel.Sensor;
import dev.interdict.schema.CommandResult;
import dev.interdict.schema.Contain;
import dev.interdict.schema.Kill;
import dev.interdict.schema.Target;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The agent as its launcher starts it: with few capabilities, which are enough. */
final class LeastPrivilegeIT {
  private static final String NOTHING = "0000000000000000";

  @BeforeEach
  void assumeKernel() throws Exception {
    LaunchedAgent.assumePossible();
    assumeTrue(
        new ProcessBuilder("setpriv", "--bounding-set=-all", "true").start().waitFor() == 0,
        "this process may not give up capabilities");
  }

  @Test
  void shouldHoldOnEveryThreadWhatIsOnTheListAndNoMore() throws Exception {
    try (LaunchedAgent agent = LaunchedAgent.start()) {
      String listed = String.format("%016x", Capabilities.bits());
      Path tasks = Path.of("/proc", Long.toString(agent.process().pid()), "task");
      List<Path> threads;
      try (Stream<Path> all = Files.list(tasks)) {
        threads = all.toList();
      }
      assertThat(threads).hasSizeGreaterThan(5);
      for (Path thread : threads) {
        List<String> status = Files.readAllLines(thread.resolve("status"));
        assertThat(status)
            .as(thread.toString())
            .contains(
                "CapInh:\t" + NOTHING,
                "CapPrm:\t" + listed,
                "CapEff:\t" + listed,
                "CapBnd:\t" + listed,
                "CapAmb:\t" + NOTHING,
                "NoNewPrivs:\t1");
      }
      assertThat(agent.status().path("obstacle").asText()).isEmpty();
      assertThat(agent.status().get("can_contain").asBoolean()).isTrue();
      assertThat(agent.status().get("missing_capabilities")).isEmpty();
      assertThat(agent.said()).doesNotContain("CAP_");
    }
  }

  @Test
  void shouldAttachWithThemWhateverAnAgentWithAllOfThemCan() throws Exception {
    List<String> unconfined =
        Sensor.probe().stream()
            .map(hook -> hook.kind() + " " + hook.hook() + " " + hook.state())
            .toList();

    Process probe = LaunchedAgent.launcher("agent", "probe", "--json").start();
    String said = new String(probe.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    List<String> confined = new ArrayList<>();
    for (JsonNode row : new ObjectMapper().readTree(said)) {
      String state = row.get("state").asText().toUpperCase(Locale.ROOT);
      confined.add(row.get("kind").asText() + " " + row.get("hook").asText() + " " + state);
    }
    assertThat(confined).isEqualTo(unconfined).anyMatch(row -> row.endsWith("ATTACHED"));
  }

  @Test
  void shouldContainAndKillWithThemWhatIsNotItsOwn() throws Exception {
    try (LaunchedAgent agent = LaunchedAgent.start();
        ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      // Of another user, holding a connection of a network that it has left.
      Process process =
          new ProcessBuilder(
                  "bash",
                  "-c",
                  "exec 3<>/dev/tcp/127.0.0.1/"
                      + listener.getLocalPort()
                      + "; exec unshare --net setpriv --reuid 65534 --clear-groups sleep 60")
              .start();
      try (Socket peer = listener.accept()) {
        Path status = Path.of("/proc", Long.toString(process.pid()), "status");
        Awaitility.await().until(() -> Files.readString(status).contains("\nUid:\t65534"));

        CommandResult contained =
            agent.send(
                b ->
                    b.setContain(
                        Contain.newBuilder()
                            .setContainmentId("c1")
                            .setTarget(target(process))
                            .setCut(true)
                            .setFreeze(true)
                            .setProcessOnly(true)
                            .setTtlSeconds(60)));

        assertThat(contained.getMessage()).isEmpty();
        assertThat(contained.getContainments(0).getCut()).isTrue();
        assertThat(contained.getContainments(0).getFrozen()).isTrue();
        assertThat(contained.getContainments(0).getCgroup()).contains("interdict-quarantine-c1");
        assertThatThrownBy(() -> peer.getInputStream().read()).isInstanceOf(SocketException.class);

        CommandResult killed =
            agent.send(
                b ->
                    b.setKill(
                        Kill.newBuilder()
                            .setScope(Kill.Scope.PROCESS)
                            .setTarget(
                                Target.newBuilder()
                                    .setPid(Math.toIntExact(process.pid()))
                                    .setStartTime(target(process).getStartTime()))));
        assertThat(killed.getMessage()).isEmpty();
        assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
        Awaitility.await().until(() -> agent.status().get("containments").isEmpty());
      } finally {
        process.destroyForcibly();
      }
    }
  }

  /** In the root cgroup, or whichever this test runs in. */
  private static Target target(Process process) {
    try {
      Path of = Path.of("/proc", Long.toString(process.pid()));
      String stat = Files.readString(of.resolve("stat"));
      String ticks = stat.substring(stat.lastIndexOf(')') + 2).split(" ")[19];
      String cgroup =
          Files.readAllLines(of.resolve("cgroup")).stream()
              .filter(line -> line.startsWith("0::"))
              .findFirst()
              .orElseThrow()
              .substring(3);
      Path mount =
          Files.readAllLines(Path.of("/proc/self/mounts")).stream()
              .map(line -> line.split(" "))
              .filter(fields -> fields[2].equals("cgroup2"))
              .map(fields -> Path.of(fields[1]))
              .findFirst()
              .orElseThrow();
      return Target.newBuilder()
          .setPid(Math.toIntExact(process.pid()))
          .setStartTime(Long.parseLong(ticks) * 10_000_000)
          .setCgroup(cgroup)
          .setCgroupId((Long) Files.getAttribute(mount.resolve(cgroup.substring(1)), "unix:ino"))
          .build();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void shouldNameWhatIsMissing() throws Exception {
    ProcessBuilder probe = LaunchedAgent.launcher("agent", "probe");
    // What the launcher cannot add, whoever calls it.
    probe.command().addAll(0, List.of("setpriv", "--bounding-set=-perfmon"));

    Process process = probe.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(said.lines().filter(line -> line.startsWith("exec ")))
        .singleElement()
        .asString()
        .contains("unavailable", "missing: CAP_PERFMON");
    assertThat(process.waitFor()).isZero();
  }

  @Test
  void shouldSayThatTheKernelHasNoTypes() throws Exception {
    ProcessBuilder probe = LaunchedAgent.launcher("agent", "probe");
    probe
        .command()
        .addAll(
            0,
            List.of(
                "unshare",
                "--mount",
                "sh",
                "-c",
                "mount -t tmpfs none /sys/kernel/btf && exec \"$@\"",
                "sh"));

    Process process = probe.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(said).contains("this kernel has no BTF", "CONFIG_DEBUG_INFO_BTF=y");
    assertThat(process.waitFor()).isEqualTo(ExitCode.UNSUPPORTED);
  }
}
