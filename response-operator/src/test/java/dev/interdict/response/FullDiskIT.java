package dev.interdict.response;

import static dev.interdict.response.SampleAlerts.NODE;
import static dev.interdict.response.SampleAlerts.inContainer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.interdict.bus.client.BusException;
import dev.interdict.bus.tls.Pki;
import dev.interdict.bus.tls.Role;
import dev.interdict.schema.Alert;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
final class FullDiskIT {
  private static final Duration DAY = Duration.ofDays(1);

  @TempDir private Path directory;
  private Path small;

  @BeforeEach
  void mount() throws Exception {
    small = Files.createDirectory(directory.resolve("small"));
    assumeTrue(
        run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", small.toString()) == 0,
        "a file system of one MiB cannot be mounted here: needs root");
  }

  @AfterEach
  void unmount() throws Exception {
    run("umount", small.toString());
  }

  @Test
  void shouldActAndNotAcknowledgeWhileTheDiskIsFull() throws Exception {
    Pki pki = Pki.create("test", DAY);
    FakeNode node = new FakeNode(pki.issue(Role.NODE, NODE, DAY), SampleAlerts.TIME);
    Commands commands = new Commands(pki.issue(Role.RESPONDER, "r", DAY), Duration.ofMinutes(1));
    try (Response response = open(commands, node)) {
      response.presence(FakeNode.present(FakeNode.EPOCH));
      Path filler = fill();

      assertThatThrownBy(() -> response.accept(large("a1")).get(10, TimeUnit.SECONDS))
          .hasRootCauseMessage(
              "the responder cannot write its log: the disk did not take 1 events");
      await().until(() -> response.records().get(0).state() == ContainmentState.IN_FORCE);
      assertThatThrownBy(() -> response.accept(large("a1")).get(10, TimeUnit.SECONDS))
          .hasRootCauseInstanceOf(BusException.class);

      Files.delete(filler);
      response.accept(large("a1")).get(10, TimeUnit.SECONDS);
      assertThat(node.received()).hasSize(1);
    }
    try (Response restarted = open(commands, node)) {
      assertThat(restarted.records()).hasSize(1);
      assertThat(restarted.records().get(0).state()).isEqualTo(ContainmentState.IN_FORCE);
    }
  }

  private Response open(Commands commands, FakeNode node) throws IOException {
    return Response.open(
        small.resolve("alerts"),
        Policies.parse("p.yaml", "{name: a, mode: enforce, actions: {cut: true}}"),
        Orchestrator.NONE,
        commands,
        node,
        () -> SampleAlerts.TIME.plusMillis(30));
  }

  /** More than what is left of a page, and not to be compressed. */
  private static Alert large(String id) {
    byte[] noise = new byte[20_000];
    new Random(1).nextBytes(noise);
    return inContainer(id).toBuilder().setMessage(HexFormat.of().formatHex(noise)).build();
  }

  private Path fill() throws IOException {
    Path filler = small.resolve("filler");
    try (OutputStream out = Files.newOutputStream(filler)) {
      byte[] page = new byte[4096];
      while (true) {
        out.write(page);
      }
    } catch (IOException full) {
      assertThat(full).hasMessageContaining("No space");
    }
    return filler;
  }

  private static int run(String... command) throws IOException, InterruptedException {
    return new ProcessBuilder(command).inheritIO().start().waitFor();
  }
}
