package dev.interdict.bus.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LocalServerTest {
  // A socket's path may have 107 bytes at most, so not below the build's own folder.
  private Path directory;
  private LocalServer server;

  @BeforeEach
  void make() throws IOException {
    directory = Files.createTempDirectory(Path.of("/tmp"), "local");
  }

  @AfterEach
  void remove() throws IOException {
    if (server != null) {
      server.close();
    }
    Files.deleteIfExists(directory.resolve("run"));
    Files.delete(directory);
  }

  @Test
  void shouldAnswerEveryRequestOnItsOwnConnection() throws Exception {
    start(request -> (request + "!").getBytes(StandardCharsets.UTF_8));
    assertThat(LocalClient.ask(directory, "part", "one")).asString().isEqualTo("one!");
    assertThat(LocalClient.ask(directory, "part", "zwei ü")).asString().isEqualTo("zwei ü!");
  }

  @Test
  void shouldTellWhyARequestFailed() throws Exception {
    start(
        request -> {
          throw new IOException("no containment " + request);
        });
    assertThatThrownBy(() -> LocalClient.ask(directory, "part", "c7"))
        .hasMessage("no containment c7");
  }

  @Test
  void shouldBoundTheRequest() throws Exception {
    start(request -> new byte[0]);
    assertThatThrownBy(() -> LocalClient.ask(directory, "part", "x".repeat(5000)))
        .hasMessage("invalid request.length=5001 limit=4096");
  }

  @Test
  void shouldBeReachableByTheOwnerOnlyAndGoneAfterwards() throws Exception {
    start(request -> new byte[0]);
    assertThat(Files.getPosixFilePermissions(directory.resolve("run")))
        .isEqualTo(PosixFilePermissions.fromString("rwx------"));

    server.close();

    assertThat(directory.resolve("run")).isEmptyDirectory();
    assertThatThrownBy(() -> LocalClient.ask(directory, "part", "x"))
        .hasMessage("no part runs with data directory " + directory);
  }

  @Test
  void shouldTakeOverASocketThatACrashLeftBehind() throws Exception {
    Files.createDirectory(directory.resolve("run"));
    Files.createFile(directory.resolve("run/part.sock"));
    start(request -> new byte[] {2});
    assertThat(LocalClient.ask(directory, "part", "x")).containsExactly(2);
  }

  private void start(LocalServer.Handler handler) throws IOException {
    server = LocalServer.start(directory, "part", handler);
  }
}
