package dev.interdict.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is done to the running agent stands in its recorder afterwards. */
final class SelfDefenceIT {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private LaunchedAgent agent;

  @BeforeEach
  void start() throws Exception {
    LaunchedAgent.assumePossible();
    agent = LaunchedAgent.start();
  }

  @AfterEach
  void stop() throws IOException {
    if (agent != null) {
      agent.close();
    }
  }

  @Test
  void shouldRecordWhoEndedIt() throws Exception {
    Process kill = signal("TERM");
    Awaitility.await().atMost(LIMIT).until(() -> !agent.process().isAlive());

    assertThat(recorded())
        .anySatisfy(
            event -> {
              assertThat(event.path("kind").asText()).isEqualTo("signal");
              assertThat(event.path("target").path("agent").asBoolean()).isTrue();
              assertThat(event.path("target").path("signal").asInt()).isEqualTo(15);
              assertThat(event.path("process").path("pid").asLong()).isEqualTo(kill.pid());
            });
  }

  @Test
  void shouldTellThatItWasStoppedForAWhile() throws Exception {
    signal("STOP");
    Path stat = Path.of("/proc", Long.toString(agent.process().pid()), "stat");
    Awaitility.await().until(() -> Files.readString(stat).contains(") T "));
    Awaitility.await().pollDelay(Duration.ofSeconds(6)).until(() -> true);
    signal("CONT");

    awaitState("agent", "stopped");
    agent.stop();
    assertThat(recorded()).anyMatch(event -> event.path("target").path("signal").asInt() == 19);
  }

  @Test
  void shouldTellThatItsFilesAreGoneAndMakeTheLockAgain() throws Exception {
    Path lock;
    try (Stream<Path> locks = Files.list(agent.data().resolveSibling("run"))) {
      lock =
          locks
              .filter(file -> file.getFileName().toString().startsWith("agent-"))
              .findFirst()
              .orElseThrow();
    }
    Files.delete(lock);
    awaitState("lock", "restored");
    assertThat(lock).exists();

    Path recorder = agent.data().resolve("recorder");
    Files.move(recorder, recorder.resolveSibling("elsewhere"));
    // Moved back, so that it can be read what was written meanwhile.
    awaitState("recorder", "deleted", recorder.resolveSibling("elsewhere"));
    Files.move(recorder.resolveSibling("elsewhere"), recorder);
    awaitState("recorder", "restored");
  }

  private Process signal(String name) throws Exception {
    Process process =
        new ProcessBuilder("/bin/kill", "-" + name, Long.toString(agent.process().pid())).start();
    assertThat(process.waitFor()).isZero();
    return process;
  }

  private void awaitState(String component, String state) {
    awaitState(component, state, agent.data().resolve("recorder"));
  }

  private void awaitState(String component, String state, Path recorder) {
    Awaitility.await()
        .atMost(LIMIT)
        .untilAsserted(
            () ->
                assertThat(recorded(recorder))
                    .anySatisfy(
                        event -> {
                          JsonNode sensor = event.path("sensor");
                          assertThat(sensor.path("component").asText()).isEqualTo(component);
                          assertThat(sensor.path("state").asText()).isEqualTo(state);
                        }));
  }

  private List<JsonNode> recorded() throws IOException {
    return recorded(agent.data().resolve("recorder"));
  }

  private static List<JsonNode> recorded(Path recorder) throws IOException {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    var command = Interdict.commandLine();
    command.setOut(new PrintWriter(out, true));
    command.setErr(new PrintWriter(err, true));
    assertThat(command.execute("recorder", "cat", recorder.toString(), "--json"))
        .as(err.toString())
        .isZero();
    List<JsonNode> events = new ArrayList<>();
    for (String line : out.toString().lines().toList()) {
      if (line.contains("signal") || line.contains("sensor")) {
        events.add(new ObjectMapper().readTree(line));
      }
    }
    return events;
  }
}
