package dev.interdict.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The agent with its launcher's memory limits, on a host that does its worst. */
final class HostileHostIT {
  private static final Path FLOOD = Path.of("../agent/target/native/victim_flood");
  private static final int PROCESSES = 5000;
  private static final int FILES = 200_000;

  /** Heap, direct memory and compiled code have 32 MiB each; the rest is the JVM and the rings. */
  private static final long MEMORY_LIMIT_KIB = 160 << 10;

  @TempDir Path directory;

  @BeforeEach
  void assumeKernel() {
    LaunchedAgent.assumePossible();
  }

  @Test
  void shouldStayWithinItsMemoryAndAccountForEverything() throws Exception {
    try (LaunchedAgent agent = LaunchedAgent.start()) {
      Process flood =
          new ProcessBuilder(
                  FLOOD.toString(),
                  directory.toString(),
                  Integer.toString(PROCESSES),
                  Integer.toString(FILES))
              .redirectErrorStream(true)
              .start();
      String said = new String(flood.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(flood.waitFor()).as(said).isZero();

      Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(
              () -> {
                JsonNode status = agent.status();
                assertThat(status.get("undecodable").asLong()).isZero();
                for (JsonNode kind : status.get("kinds")) {
                  assertThat(outstanding(kind)).as(kind.toString()).isZero();
                }
              });
      JsonNode status = agent.status();
      assertThat(status.get("capturing").asBoolean()).isTrue();
      assertThat(kind(status, "exec").get("lost").asLong()).isZero();
      assertThat(kind(status, "exec").get("recorded").asLong()).isGreaterThan(PROCESSES);
      assertThat(kind(status, "open").get("seen").asLong()).isGreaterThanOrEqualTo(FILES);
      assertThat(agent.said()).doesNotContain("OutOfMemoryError", "Exception");
      assertThat(peakKib(agent)).isLessThan(MEMORY_LIMIT_KIB);
    }
  }

  private static long outstanding(JsonNode kind) {
    return kind.get("seen").asLong()
        - kind.get("filtered").asLong()
        - kind.get("deduplicated").asLong()
        - kind.get("capped").asLong()
        - kind.get("recorded").asLong()
        - kind.get("lost").asLong();
  }

  private static JsonNode kind(JsonNode status, String name) {
    for (JsonNode kind : status.get("kinds")) {
      if (kind.get("kind").asText().equals(name)) {
        return kind;
      }
    }
    throw new AssertionError("no kind " + name + " in " + status);
  }

  private static long peakKib(LaunchedAgent agent) throws IOException {
    for (String line :
        Files.readAllLines(Path.of("/proc", Long.toString(agent.process().pid()), "status"))) {
      if (line.startsWith("VmHWM:")) {
        return Long.parseLong(line.replaceAll("\\D", ""));
      }
    }
    throw new IOException("the kernel does not say VmHWM");
  }
}
