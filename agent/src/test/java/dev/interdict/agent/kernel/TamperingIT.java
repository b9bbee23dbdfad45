package dev.interdict.agent.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.interdict.schema.Event;
import dev.interdict.schema.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Somebody who is root works on the sensor's programs and maps. */
final class TamperingIT {
  @TempDir Path directory;
  private Victims victims;

  @BeforeEach
  void start() throws IOException {
    Victims.assumePossible();
    victims = new Victims(directory, config -> config);
    victims.sensor.inspect(true);
    assertThat(states()).isEmpty();
  }

  @AfterEach
  void stop() {
    if (victims != null) {
      victims.close();
    }
  }

  @Test
  void shouldAttachAgainWhatWasDetached() throws Exception {
    tamper("detach");
    victims.sensor.inspect(false);
    await("hook detached on_egress", "hook restored on_egress");

    victims.sensor.inspect(true);
    victims.sensor.inspect(true);
    assertThat(states()).hasSize(2);
  }

  @Test
  void shouldRestoreItsFilters() throws Exception {
    tamper("blind");
    victims.sensor.inspect(false);
    await("hook changed filters", "hook restored filters");

    String token = victims.run(Victims.Place.HOST, "victim_app", "sh", ":");
    victims.await(token, Kind.EXEC, event -> true);
  }

  @Test
  void shouldNoticeThatItDoesNotSeeItsOwnCallsAnyMore() throws Exception {
    assumeTrue(
        victims.sensor.hooks().stream()
            .anyMatch(
                hook ->
                    hook.kind().equals("memfd")
                        && hook.hook().equals("tp_btf/sys_exit")
                        && hook.state() == Hook.State.ATTACHED),
        "calls are not handed on by a table on this kernel");
    tamper("unhook");
    victims.sensor.inspect(false);
    victims.sensor.inspect(false);
    await("hook silent system calls are not seen any more");

    victims.sensor.inspect(true);
    victims.sensor.inspect(true);
    await(
        "hook detached call_memfd_create",
        "hook restored call_memfd_create",
        "hook restored system calls are seen again");
  }

  private static void tamper(String action) throws Exception {
    Process process =
        new ProcessBuilder(
                Victims.program("victim_tamper").toString(),
                action,
                Long.toString(ProcessHandle.current().pid()))
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
  }

  private void await(String... expected) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(() -> assertThat(states()).contains(expected));
  }

  private List<String> states() {
    return victims.events.stream()
        .filter(event -> event.getKind() == Kind.SENSOR)
        .map(Event::getSensor)
        .map(state -> state.getComponent() + " " + state.getState() + " " + state.getDetail())
        .filter(state -> state.startsWith("hook "))
        .toList();
  }
}
