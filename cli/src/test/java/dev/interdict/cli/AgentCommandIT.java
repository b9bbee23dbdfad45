package dev.interdict.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** The agent's commands as typed, on this kernel. */
final class AgentCommandIT {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeEach
  void assumeKernel() {
    assumeTrue("root".equals(System.getProperty("user.name")), "not root");
    assumeTrue(Files.isReadable(Path.of("/sys/kernel/btf/vmlinux")), "the kernel has no BTF");
  }

  @Test
  void shouldSayWhichKindsThisKernelCanShow() throws Exception {
    assertThat(run("agent", "probe", "--json")).as(err.toString()).isZero();

    JsonNode hooks = new ObjectMapper().readTree(out.toString());
    assertThat(hooks.findValuesAsText("kind")).contains("exec", "exit", "open", "connect", "dup");
    for (JsonNode hook : hooks) {
      assertThat(hook.fieldNames())
          .toIterable()
          .containsExactlyInAnyOrder("kind", "hook", "state", "reason");
      assertThat(hook.get("state").asText()).isIn("attached", "unavailable");
      assertThat(hook.get("hook").asText()).isNotBlank();
      boolean attached = hook.get("state").asText().equals("attached");
      assertThat(hook.get("reason").isNull()).as(hook.toString()).isEqualTo(attached);
    }
  }

  @Test
  void shouldPrintWhatIsExecutedUntilItHasSeenEnough() throws Exception {
    CompletableFuture<Integer> trace =
        CompletableFuture.supplyAsync(
            () -> run("agent", "trace", "--kinds", "exec", "--count", "3", "--json"));
    while (!trace.isDone()) {
      new ProcessBuilder("/bin/true", "for-the-trace").start().waitFor();
    }

    assertThat(trace.get(1, TimeUnit.MINUTES)).as(err.toString()).isZero();
    var lines = out.toString().lines().toList();
    assertThat(lines).hasSize(3);
    for (String line : lines) {
      assertThat(new ObjectMapper().readTree(line).get("kind").asText()).isEqualTo("exec");
    }
    assertThat(out.toString()).contains("for-the-trace");
  }

  @Test
  void shouldNameAKindThatDoesNotExist() {
    assertThat(run("agent", "trace", "--kinds", "exek")).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("exek");
  }

  private int run(String... arguments) {
    CommandLine command = Interdict.commandLine();
    command.setOut(new PrintWriter(out, true));
    command.setErr(new PrintWriter(err, true));
    return command.execute(arguments);
  }
}
