package dev.interdict.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The demo as a person runs it: a process of its own, on this kernel. */
final class DemoIT {
  private static final Duration LIMIT = Duration.ofMinutes(4);
  private static final String SEQUENCE = "5c1f0b2e-6f0c-4c6e-9d3b-7a54f7f2a9d1";

  // Short: a Unix socket's path may have 107 bytes, and the demo makes some in a folder of its own.
  private Path directory;
  private final List<Process> started = new ArrayList<>();

  @BeforeEach
  void makeDirectory() throws IOException {
    directory = Files.createTempDirectory(Path.of("/tmp"), "demo");
  }

  @AfterEach
  void endWhatIsLeft() throws Exception {
    for (Process process : started) {
      process.destroyForcibly().waitFor();
    }
    try (Stream<Path> tree = Files.walk(directory)) {
      for (Path entry : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(entry);
      }
    }
  }

  @Test
  void shouldSeeRecogniseAndStopARealAttack() throws Exception {
    assumeKernel();
    Process demo = start(List.of(), "--once", "--json", "--attacks", "2");
    assertThat(demo.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(demo.exitValue()).as(said()).isZero();

    JsonNode result = result();
    assertThat(result.get("frozen").asBoolean()).isTrue();
    assertThat(result.get("cut").asBoolean()).isTrue();
    assertThat(result.get("detect_ms").asDouble()).isPositive();
    assertThat(result.get("contain_ms").asDouble())
        .isGreaterThan(result.get("detect_ms").asDouble());
    assertThat(result.get("failure").isNull()).isTrue();
    assertThat(result.get("events").asLong()).isPositive();

    int evidence = 0;
    int completed = 0;
    for (JsonNode alert : result.get("alerts")) {
      evidence += alert.get("evidence").size();
      if (alert.get("rule_id").asText().equals(SEQUENCE)) {
        completed++;
        assertThat(alert.get("evidence")).hasSize(3);
        assertThat(alert.get("technique").asText()).contains("T1059.004");
        assertThat(alert.get("key").asText()).contains("interdict-demo-");
      }
    }
    assertThat(completed).as("one alert of the sequence for each attack").isEqualTo(3);
    assertThat(result.get("evidence_rows").asInt()).isPositive().isLessThanOrEqualTo(evidence);
    assertNothingLeft();
  }

  @Test
  void shouldLeaveNothingBehindWhenItIsInterrupted() throws Exception {
    assumeKernel();
    Process demo = start(List.of(), "--once", "--attacks", "1", "--hold", "600");
    awaitFrozen(demo);

    demo.destroy(); // SIGTERM ends it as Ctrl-C does

    assertThat(demo.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertNothingLeft();
  }

  @Test
  void shouldSweepWhatAKilledDemoLeftBehind() throws Exception {
    assumeKernel();
    Process killed = start(List.of(), "--once", "--attacks", "1", "--hold", "600");
    awaitFrozen(killed);
    killed.destroyForcibly().waitFor();
    assertThat(cgroups()).isNotEmpty();

    Process next = start(List.of(), "--once", "--json", "--attacks", "1");

    assertThat(next.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(next.exitValue()).as(said()).isZero();
    assertNothingLeft();
  }

  @Test
  void shouldReplayARecordedAttackWhereItMayNotLookIntoTheKernel() throws Exception {
    Process demo = start(List.of("-Duser.name=nobody"), "--once", "--json");
    assertThat(demo.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(demo.exitValue()).as(said()).isEqualTo(3);

    JsonNode result = result();
    assertThat(result.get("frozen").asBoolean()).isFalse();
    assertThat(result.get("cut").asBoolean()).isFalse();
    assertThat(result.get("alerts").findValuesAsText("rule_id")).contains(SEQUENCE);
    assertThat(result.get("evidence_rows").asInt()).isPositive();
  }

  private static void assumeKernel() {
    assumeTrue("root".equals(System.getProperty("user.name")), "not root");
    assumeTrue(Files.isReadable(Path.of("/sys/kernel/btf/vmlinux")), "the kernel has no BTF");
    assumeTrue(mount() != null, "no cgroup v2 hierarchy is mounted");
  }

  private Process start(List<String> jvm, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-Xmx1g",
            "-XX:+UseSerialGC",
            "--add-opens=java.base/java.util=ALL-UNNAMED",
            "--add-opens=java.base/java.lang=ALL-UNNAMED",
            "--add-opens=java.base/java.nio=ALL-UNNAMED",
            "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED"));
    command.addAll(jvm);
    command.addAll(
        List.of("-cp", System.getProperty("java.class.path"), "dev.interdict.cli.Interdict"));
    command.addAll(List.of("demo", "--dir", directory.toString()));
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(directory.resolve("stdout").toFile())
            .redirectError(directory.resolve("stderr").toFile())
            .start();
    started.add(process);
    return process;
  }

  private JsonNode result() throws IOException {
    List<String> lines = Files.readAllLines(directory.resolve("stdout"));
    assertThat(lines).as("one line on standard output").hasSize(1);
    return new ObjectMapper().readTree(lines.get(0));
  }

  private String said() throws IOException {
    return Files.readString(directory.resolve("stderr"));
  }

  private void awaitFrozen(Process demo) throws IOException {
    Path told = directory.resolve("stdout");
    await()
        .atMost(LIMIT)
        .until(() -> !demo.isAlive() || Files.readString(told).contains("frozen for 600 s"));
    assertThat(demo.isAlive()).as(said()).isTrue();
    assertThat(cgroups()).anyMatch(DemoIT::frozen);
  }

  private void assertNothingLeft() throws IOException {
    assertThat(cgroups()).isEmpty();
    try (Stream<Path> entries = Files.list(directory)) {
      assertThat(entries.filter(Files::isDirectory)).isEmpty();
    }
    Path bundles = Path.of("/run/interdict/bundles");
    if (Files.isDirectory(bundles)) {
      try (Stream<Path> entries = Files.list(bundles)) {
        assertThat(entries).isEmpty();
      }
    }
  }

  private static boolean frozen(Path cgroup) {
    try {
      return Files.readString(cgroup.resolve("cgroup.events")).contains("frozen 1");
    } catch (IOException e) {
      return false;
    }
  }

  private static List<Path> cgroups() {
    try (Stream<Path> tree = Files.walk(mount(), 3)) {
      return tree.filter(path -> path.getFileName().toString().startsWith("interdict-demo-"))
          .toList();
    } catch (IOException e) {
      throw new AssertionError("cannot list the cgroups", e);
    }
  }

  private static Path mount() {
    try {
      return Files.readAllLines(Path.of("/proc/mounts")).stream()
          .map(line -> line.split(" "))
          .filter(fields -> fields[2].equals("cgroup2"))
          .map(fields -> Path.of(fields[1]))
          .findFirst()
          .orElse(null);
    } catch (IOException e) {
      return null;
    }
  }
}
