package dev.interdict.agent.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.interdict.agent.enrich.ProcFiles;
import dev.interdict.agent.event.EventSink;
import dev.interdict.schema.Ancestor;
import dev.interdict.schema.Event;
import dev.interdict.schema.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.Assumptions;

/**
 * A sensor, and small programs ({@code src/test/c}) that make each real system call on the host or
 * in a container of their own: a cgroup with a bundle and namespaces.
 */
final class Victims implements AutoCloseable {
  enum Place {
    HOST,
    CONTAINER
  }

  private static final Path PROGRAMS = Path.of("target/native").toAbsolutePath();

  final Queue<Event> events = new ConcurrentLinkedQueue<>();
  final String containerId = "interdict-test-" + UUID.randomUUID().toString().substring(0, 8);
  final Sensor sensor;
  private final Path cgroup;

  /** Skips the test where no sensor can run. */
  static void assumePossible() throws IOException {
    Assumptions.assumeTrue(
        "root".equals(System.getProperty("user.name")), "programs can be loaded by root only");
    Assumptions.assumeTrue(
        Files.isReadable(Path.of("/sys/kernel/btf/vmlinux")), "this kernel has no BTF");
    Assumptions.assumeTrue(
        new ProcFiles(Path.of("/proc")).cgroupRoot() != null, "cgroup v2 is not mounted");
  }

  /**
   * @param directory kept open to others, since some victims give up root
   */
  Victims(Path directory, UnaryOperator<SensorConfig> config) throws IOException {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    cgroup =
        Files.createDirectory(new ProcFiles(Path.of("/proc")).cgroupRoot().resolve(containerId));
    Path bundle = Files.createDirectories(directory.resolve("bundles").resolve(containerId));
    Files.writeString(
        bundle.resolve("config.json"),
        "{\"annotations\":{\"dev.interdict.container.name\":\"victim\"}}");
    SensorConfig defaults =
        SensorConfig.defaults()
            .withIntervals(Duration.ofMillis(20), Duration.ofMillis(50))
            .withBundles(List.of(bundle.getParent()));
    sensor = Sensor.start(config.apply(defaults), new Collector());
  }

  /** That of the container; also to be joined from the host. */
  Path cgroup() {
    return cgroup;
  }

  static Path program(String name) {
    return PROGRAMS.resolve(name);
  }

  /** Begins a command of the shell there; its output is thrown away. */
  Process start(Place place, String shell) throws IOException {
    List<String> command = new ArrayList<>(List.of(program("victim_app").toString()));
    if (place == Place.CONTAINER) {
      command.addAll(List.of("--in", cgroup.toString()));
    }
    command.addAll(List.of("sh", shell));
    command.add(UUID.randomUUID().toString());
    return new ProcessBuilder(command)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .redirectErrorStream(true)
        .start();
  }

  /** Runs the program and gives the token that all it caused can be known by. */
  String run(Place place, String program, String... action) throws IOException {
    String token = UUID.randomUUID().toString();
    List<String> command = new ArrayList<>(List.of(program(program).toString()));
    if (place == Place.CONTAINER) {
      command.addAll(List.of("--in", cgroup.toString()));
    }
    command.addAll(List.of(action));
    command.add(token);
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    byte[] said = process.getInputStream().readAllBytes();
    assertThat(new String(said, StandardCharsets.UTF_8)).isEmpty();
    return token;
  }

  Event await(String token, Kind kind, Predicate<Event> also) {
    try {
      return Awaitility.await()
          .atMost(Duration.ofSeconds(10))
          .pollInterval(Duration.ofMillis(10))
          .until(
              () -> of(token).filter(e -> e.getKind() == kind && also.test(e)).findFirst(),
              Optional::isPresent)
          .orElseThrow();
    } catch (ConditionTimeoutException e) {
      List<Kind> kinds = of(token).map(Event::getKind).toList();
      List<Event> close = of(token).filter(event -> event.getKind() == kind).toList();
      throw new AssertionError(
          String.format("no such %s of %s, only %s among %s", kind, token, close, kinds), e);
    }
  }

  private Stream<Event> of(String token) {
    return events.stream().filter(event -> event.getProcess().getArgsList().contains(token));
  }

  /** The event tells where it happened, by whom, and when. */
  void checkPlace(Place place, Event event) {
    if (place == Place.CONTAINER) {
      assertThat(event.getProcess().getCgroup()).endsWith("/" + containerId);
      assertThat(event.getProcess().getContainer().getId()).isEqualTo(containerId);
      assertThat(event.getProcess().getContainer().getName()).isEqualTo("victim");
    } else {
      assertThat(event.getProcess().hasContainer()).isFalse();
    }
    assertThat(event.getProcess().getId()).isNotZero();
    assertThat(event.getProcess().getUser()).isEqualTo("root");
    assertThat(event.getProcess().getAncestorsList())
        .extracting(Ancestor::getPid)
        .contains((int) ProcessHandle.current().pid());
    long age = System.currentTimeMillis() - event.getTime() / 1_000_000;
    assertThat(age).isBetween(-1000L, 60_000L);
  }

  @Override
  public void close() {
    sensor.close();
    Awaitility.await().atMost(Duration.ofSeconds(5)).until(() -> cgroup.toFile().delete());
  }

  private final class Collector implements EventSink {
    @Override
    public void accept(int lane, byte[] buffer, int offset, int length) {
      try {
        events.add(Event.parseFrom(Arrays.copyOfRange(buffer, offset, offset + length)));
      } catch (InvalidProtocolBufferException e) {
        throw new IllegalStateException("an event that cannot be read", e);
      }
    }

    @Override
    public void flush() {}
  }
}
