package dev.interdict.agent.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interdict.agent.kernel.Victims.Place;
import dev.interdict.schema.Ancestor;
import dev.interdict.schema.Connection;
import dev.interdict.schema.Event;
import dev.interdict.schema.Fd;
import dev.interdict.schema.Kind;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A small program makes each real system call; the event of it has to come, on the host and in a
 * container.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class SensorIT {
  private static final Path VICTIM = Victims.program("victim");

  @TempDir private static Path directory;
  private Victims victims;
  private Queue<Event> events;
  private Sensor sensor;
  private Path watched;

  @BeforeAll
  void start() throws IOException {
    Victims.assumePossible();
    watched = Files.writeString(directory.resolve("secret-" + UUID.randomUUID()), "secret");
    Files.setPosixFilePermissions(watched, PosixFilePermissions.fromString("rw-------"));
    List<String> paths = new ArrayList<>(SensorConfig.SENSITIVE);
    paths.add(watched.toString());
    victims = new Victims(directory, config -> config.withWatched(paths));
    events = victims.events;
    sensor = victims.sensor;
  }

  @AfterAll
  void stop() {
    if (victims != null) {
      victims.close();
    }
  }

  private String run(Place place, String... action) throws IOException {
    return victims.run(place, "victim", action);
  }

  private Event await(String token, Kind kind, Predicate<Event> also) {
    return victims.await(token, kind, also);
  }

  private void checkPlace(Place place, Event event) {
    victims.checkPlace(place, event);
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void shouldSeeAnExecution(Place place) throws IOException {
    String token = run(place, "exec");
    Event event = await(token, Kind.EXEC, e -> e.getProcess().getArgs(0).equals("true"));
    checkPlace(place, event);
    assertThat(event.getProcess().getExe()).endsWith("/bin/true");
    assertThat(event.getProcess().getPath()).isEqualTo("/bin/true");
    assertThat(event.getProcess().getArgsList()).containsExactly("true", token);
    assertThat(event.getProcess().getComm()).isEqualTo("true");
    assertThat(event.getProcess().getCwd()).isEqualTo(Path.of("").toAbsolutePath().toString());
    assertThat(event.getExec().getFdsList()).extracting(Fd::getType).contains(Fd.Type.PIPE);
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void shouldKnowAncestryThroughForks(Place place) throws IOException {
    String token = run(place, "tree");
    Event event = await(token, Kind.EXEC, e -> e.getProcess().getArgs(0).equals("true"));
    checkPlace(place, event);
    List<String> exes =
        event.getProcess().getAncestorsList().stream().map(Ancestor::getExe).toList();
    assertThat(exes).startsWith(VICTIM.toString(), VICTIM.toString());
    assertThat(event.getProcess().getAncestors(0).getCommandLine()).contains("tree " + token);
    Event exit = await(token, Kind.EXIT, e -> e.getProcess().getId() == event.getProcess().getId());
    assertThat(exit.getExit().getCode()).isZero();
    assertThat(exit.getExit().getLifetime()).isPositive();
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void shouldSeeHowAProcessEnds(Place place) throws IOException {
    Event exit = await(run(place, "exit", "42"), Kind.EXIT, e -> e.getExit().getCode() == 42);
    checkPlace(place, exit);
    Event killed = await(run(place, "die", "15"), Kind.EXIT, e -> e.getExit().getSignal() == 15);
    checkPlace(place, killed);
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void shouldSeeAFileWritten(Place place) throws IOException {
    Path file = directory.resolve("written-" + place);
    Predicate<Event> ofFile = e -> e.getOpen().getGiven().equals(file.toString());
    Event event = await(run(place, "write", file.toString()), Kind.OPEN, ofFile);
    checkPlace(place, event);
    assertThat(event.getOpen().getPath()).isEqualTo(file.toRealPath().toString());
    assertThat(event.getOpen().getGiven()).isEqualTo(file.toString());
    assertThat(event.getOpen().getCreate()).isTrue();
    assertThat(event.getOpen().getFlags()).isEqualTo(01101);
    assertThat(event.getOpen().getInode()).isEqualTo(Files.getAttribute(file, "unix:ino"));
    Event again = await(run(place, "openat2", file.toString()), Kind.OPEN, ofFile);
    assertThat(again.getOpen().getPath()).isEqualTo(file.toRealPath().toString());
    assertThat(again.getOpen().getCreate()).as("it was there already").isFalse();
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void shouldSeeAWatchedFileReadThroughALink(Place place) throws IOException {
    Path link = directory.resolve("link-" + place);
    Files.createSymbolicLink(link, watched);
    Event event =
        await(run(place, "read", link.toString()), Kind.OPEN, e -> e.getOpen().getWatched());
    checkPlace(place, event);
    assertThat(event.getOpen().getPath()).isEqualTo(watched.toRealPath().toString());
    assertThat(event.getOpen().getGiven()).isEqualTo(link.toString());
    assertThat(event.getOpen().getWrite()).isFalse();
  }

  /** By it a container with dac_read_search reads whatever lies on the disk of a mount. */
  @ParameterizedTest
  @EnumSource(Place.class)
  void shouldSeeAFileOpenedByItsHandle(Place place) throws IOException {
    Path file = Files.writeString(directory.resolve("handle-" + place), "x");
    Event event =
        await(run(place, "handle", file.toString()), Kind.OPEN, e -> e.getOpen().getByHandle());
    checkPlace(place, event);
    assertThat(event.getOpen().getPath()).isEqualTo(file.toRealPath().toString());
    assertThat(event.getOpen().getGiven()).isEmpty();
    assertThat(event.getOpen().getInode()).isEqualTo(Files.getAttribute(file, "unix:ino"));
    assertThat(event.getOpen().getWrite()).isFalse();
    assertThat(event.getResult()).isZero();

    Event refused =
        await(
            run(place, "handle_refused", file.toString()),
            Kind.OPEN,
            e -> e.getOpen().getByHandle());
    assertThat(refused.getResult()).isEqualTo(-1);
  }

  @Test
  void shouldSeeARefusedReadOfAWatchedFile() throws IOException {
    Event event = await(run(Place.HOST, "refused", watched.toString()), Kind.OPEN, e -> true);
    assertThat(event.getResult()).isEqualTo(-13);
    assertThat(event.getOpen().getPath()).isEqualTo(watched.toString());
    assertThat(event.getOpen().getWatched()).isTrue();
    assertThat(event.getProcess().getUid()).isEqualTo(65_534);
  }

  @Test
  void shouldSeeCallsOfThe32BitTable() throws IOException {
    Assumptions.assumeTrue(System.getProperty("os.arch").equals("amd64"), "x86-64 only");
    Path file = directory.resolve("by-int-0x80");
    Event event =
        await(run(Place.HOST, "open32", file.toString()), Kind.OPEN, e -> e.getOpen().getCreate());
    assertThat(event.getOpen().getPath()).isEqualTo(file.toRealPath().toString());
    assertThat(event.getOpen().getGiven()).isEqualTo(file.toString());
  }

  @Test
  void shouldNotReportReadsOfOtherFiles() throws IOException {
    Path file = Files.writeString(directory.resolve("plain"), "");
    String token = run(Place.HOST, "read", file.toString());
    await(token, Kind.EXIT, e -> true);
    assertThat(events)
        .noneMatch(e -> e.getKind() == Kind.OPEN && e.getOpen().getPath().endsWith("/plain"));
  }

  @Test
  void shouldResolvePathsAcrossMounts() throws IOException {
    Path mount = Files.createDirectory(directory.resolve("mount"));
    String token = run(Place.CONTAINER, "mounted", mount.toString());
    Event event = await(token, Kind.OPEN, e -> e.getOpen().getPath().endsWith("/file"));
    assertThat(event.getOpen().getPath()).isEqualTo(mount.toRealPath() + "/inner/file");
    assertThat(event.getOpen().getGiven()).isEqualTo("inner/file");
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void shouldSeeAConnection(Place place) throws IOException {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      String port = Integer.toString(server.getLocalPort());
      Event event = await(run(place, "connect", port), Kind.CONNECT, e -> true);
      checkPlace(place, event);
      Connection connection = event.getConnect();
      assertThat(connection.getFamily()).isEqualTo(Connection.Family.INET);
      assertThat(connection.getProtocol()).isEqualTo("tcp");
      assertThat(connection.getLocalAddress()).isEqualTo("127.0.0.1");
      assertThat(connection.getLocalPort()).isPositive();
      assertThat(connection.getRemoteAddress()).isEqualTo("127.0.0.1");
      assertThat(connection.getRemotePort()).isEqualTo(server.getLocalPort());
      assertThat(event.getResult()).isZero();
    }
  }

  @Test
  void shouldSeeAConnectionOfVersion6() throws IOException {
    Assumptions.assumeTrue(Files.exists(Path.of("/proc/net/if_inet6")), "no IPv6 here");
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getByName("::1"))) {
      String port = Integer.toString(server.getLocalPort());
      Event event = await(run(Place.HOST, "connect6", port), Kind.CONNECT, e -> true);
      assertThat(event.getConnect().getFamily()).isEqualTo(Connection.Family.INET6);
      assertThat(event.getConnect().getRemoteAddress()).isEqualTo("::1");
      assertThat(event.getConnect().getRemotePort()).isEqualTo(server.getLocalPort());
    }
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void shouldSeeAConnectionAccepted(Place place) throws IOException {
    String token = run(place, "accept");
    Event accepted = await(token, Kind.ACCEPT, e -> true);
    checkPlace(place, accepted);
    Event connected = await(token, Kind.CONNECT, e -> true);
    assertThat(accepted.getAccept().getLocalPort())
        .isEqualTo(connected.getConnect().getRemotePort());
    assertThat(accepted.getAccept().getRemotePort())
        .isEqualTo(connected.getConnect().getLocalPort());
    assertThat(accepted.getAccept().getRemoteAddress()).isEqualTo("127.0.0.1");
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void shouldSeeASocketMovedOntoStandardInput(Place place) throws IOException {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      String token = run(place, "dup2", Integer.toString(server.getLocalPort()));
      Event event = await(token, Kind.DUP, e -> e.getDup().getFd().getType() == Fd.Type.SOCKET);
      checkPlace(place, event);
      assertThat(event.getDup().getTo()).isZero();
      assertThat(event.getDup().getFrom()).isGreaterThan(2);
      assertThat(event.getDup().getFd().getSocket().getRemotePort())
          .isEqualTo(server.getLocalPort());
      Event exec = await(token, Kind.EXEC, e -> e.getProcess().getArgs(0).equals("true"));
      Fd stdin = exec.getExec().getFds(0);
      assertThat(stdin.getType()).isEqualTo(Fd.Type.SOCKET);
      assertThat(stdin.getSocket()).isEqualTo(event.getDup().getFd().getSocket());
      assertThat(stdin.getPath()).startsWith("socket:[");
    }
  }

  @Test
  void shouldSeeEveryWayToMoveADescriptor() throws IOException {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      String port = Integer.toString(server.getLocalPort());
      Event dup3 =
          await(run(Place.HOST, "dup3", port), Kind.DUP, e -> e.getDup().getFd().hasSocket());
      assertThat(dup3.getDup().getTo()).isEqualTo(1);
      Event fcntl =
          await(run(Place.HOST, "fcntl", port), Kind.DUP, e -> e.getDup().getFd().hasSocket());
      assertThat(fcntl.getDup().getTo()).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void shouldTellAnImageThatIsOnlyInMemory(Place place) throws IOException {
    String token = run(place, "memfd");
    Event event = await(token, Kind.EXEC, e -> e.getProcess().getArgs(0).equals("copy"));
    checkPlace(place, event);
    assertThat(event.getExec().getMemfd()).isTrue();
    assertThat(event.getProcess().getExe()).isEqualTo("/memfd:payload");
  }

  @Test
  void shouldTellAnImageThatIsDeleted() throws IOException {
    Path file = directory.resolve("deleted");
    String token = run(Place.HOST, "deleted", file.toString());
    Event event = await(token, Kind.EXEC, e -> e.getProcess().getArgs(0).equals("copy"));
    assertThat(event.getExec().getDeleted()).isTrue();
    assertThat(event.getExec().getMemfd()).isFalse();
    assertThat(event.getExec().getJustWritten()).isTrue();
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void shouldTellWhoWroteWhatRuns(Place place) throws IOException {
    Path file = directory.resolve("dropped-" + place);
    String token = run(place, "drop", file.toString());
    Event event = await(token, Kind.EXEC, e -> e.getProcess().getArgs(0).equals("dropped"));
    checkPlace(place, event);
    assertThat(event.getExec().getJustWritten()).isTrue();
    assertThat(event.getExec().getWriterId()).isEqualTo(event.getProcess().getId());
    assertThat(event.getProcess().getExe()).isEqualTo(file.toRealPath().toString());
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void shouldTellTheVariablesThatChangeWhatIsLoaded(Place place) throws IOException {
    String token = run(place, "environment");
    Event event = await(token, Kind.EXEC, e -> e.getProcess().getArgs(0).equals("true"));
    checkPlace(place, event);
    assertThat(event.getExec().getEnvironment()).isEqualTo("LD_PRELOAD=/tmp/evil.so IFS=x");
    assertThat(event.toString()).doesNotContain("secret");
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void shouldTellTheScriptThatAnInterpreterRunsAndWhoWroteIt(Place place) throws IOException {
    Path folder = Files.createDirectory(directory.resolve("script-" + place));
    String token = run(place, "script", folder.toString());
    Event event = await(token, Kind.EXEC, e -> e.getExec().getScript().equals("./script"));
    checkPlace(place, event);
    assertThat(event.getProcess().getPath()).isEqualTo("./script");
    assertThat(event.getProcess().getExe()).doesNotContain("script");
    assertThat(event.getExec().getJustWritten()).isTrue();
    assertThat(event.getExec().getWriterId()).isEqualTo(event.getProcess().getId());
    Event program = await(token, Kind.EXEC, e -> e.getExec().getScript().isEmpty());
    assertThat(program.getExec().getJustWritten()).as("the victim itself").isFalse();
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void shouldTellWhatIsNotOfTheContainersImage(Place place) throws IOException {
    Assumptions.assumeTrue(
        Files.readString(Path.of("/proc/filesystems")).contains("\toverlay\n"),
        "this kernel has no overlayfs, or has not loaded it");
    Path folder = Files.createDirectory(directory.resolve("layers-" + place));
    String token = run(place, "layers", folder.toString());
    Event added = await(token, Kind.EXEC, e -> e.getProcess().getArgs(0).equals("added"));
    checkPlace(place, added);
    assertThat(added.getExec().getUpperLayer()).isTrue();
    assertThat(added.getProcess().getExe()).isEqualTo(folder.toRealPath() + "/merged/added");
    Event shipped = await(token, Kind.EXEC, e -> e.getProcess().getArgs(0).equals("shipped"));
    assertThat(shipped.getExec().getUpperLayer()).isFalse();
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void shouldTellAChildInNamespacesOfItsOwn(Place place) throws IOException {
    String token = run(place, "namespaces");
    Event fork = await(token, Kind.FORK, e -> e.getFork().getNamespaces().contains("user"));
    checkPlace(place, fork);
    assertThat(fork.getFork().getNamespaces()).isEqualTo("uts,user,pid,net");
    assertThat(fork.getFork().getOtherCgroup()).isFalse();
  }

  @Test
  void shouldTellAChildInAnotherCgroup() throws IOException {
    String token = run(Place.HOST, "into", victims.cgroup().toString());
    Event fork = await(token, Kind.FORK, e -> e.getFork().getOtherCgroup());
    assertThat(fork.getFork().getNamespaces()).isEmpty();
    Event exit =
        await(token, Kind.EXIT, e -> e.getProcess().getId() == fork.getFork().getChildId());
    assertThat(exit.getProcess().getContainer().getId()).isEqualTo(victims.containerId);
  }

  @Test
  void shouldKnowWhoWasThereBefore() {
    Event event =
        org.awaitility.Awaitility.await()
            .atMost(Duration.ofSeconds(10))
            .until(
                () -> {
                  run(Place.HOST, "exit", "0");
                  return events.stream()
                      .filter(e -> e.getKind() == Kind.EXIT)
                      .filter(e -> e.getProcess().getExe().equals(VICTIM.toString()))
                      .findFirst()
                      .orElse(null);
                },
                e -> e != null);
    Ancestor self =
        event.getProcess().getAncestorsList().stream()
            .filter(a -> a.getPid() == ProcessHandle.current().pid())
            .findFirst()
            .orElseThrow();
    assertThat(self.getExe()).endsWith("/java");
    assertThat(self.getCommandLine()).contains("java");
  }

  @Test
  void shouldNotReportItself() throws IOException {
    Path own = Files.writeString(directory.resolve("own"), "x");
    String token = run(Place.HOST, "exit", "0");
    await(token, Kind.EXIT, e -> true);
    assertThat(events)
        .noneMatch(e -> e.hasOpen() && e.getOpen().getPath().equals(own.toString()))
        .noneMatch(
            e ->
                e.hasProcess()
                    && e.getProcess().getPid() == ProcessHandle.current().pid()
                    && e.getKind() != Kind.FORK);
  }

  @Test
  void shouldTickSoThatAbsenceCanBeJudged() {
    int before = events.size();
    org.awaitility.Awaitility.await()
        .atMost(Duration.ofSeconds(10))
        .until(
            () -> events.stream().skip(before).filter(e -> e.getKind() == Kind.TICK).count() >= 3);
  }

  @Test
  void shouldAccountForEveryEvent() {
    org.awaitility.Awaitility.await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(
            () -> {
              for (SensorStats.PerKind kind : sensor.stats().kinds()) {
                assertThat(kind.outstanding()).as(kind.kind()).isZero();
              }
            });
    assertThat(sensor.stats().undecodable()).isZero();
  }
}
