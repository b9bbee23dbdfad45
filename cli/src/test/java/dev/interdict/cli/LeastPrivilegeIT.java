package dev.interdict.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.interdict.agent.kernel.Capabilities;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
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
      assertThat(agent.status().get("missing_capabilities")).isEmpty();
      assertThat(agent.said()).doesNotContain("CAP_");
    }
  }

  @Test
  void shouldAttachWithThemWhateverAnAgentWithAllOfThemCan() throws Exception {
    try (LaunchedAgent agent = LaunchedAgent.start()) {
      for (JsonNode hook : agent.status().get("hooks")) {
        String reason = hook.path("reason").asText();
        assertThat(reason).doesNotContain("permitted").doesNotContain("denied");
      }
      assertThat(agent.status().path("obstacle").asText()).isEmpty();
      assertThat(agent.status().get("can_contain").asBoolean()).isTrue();
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
