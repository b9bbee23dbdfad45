package dev.interdict.agent.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.interdict.agent.kernel.Victims.Place;
import dev.interdict.schema.Connection.Family;
import dev.interdict.schema.Event;
import dev.interdict.schema.Kind;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a program asks for through a ring is seen as if it had made the system call. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class IoUringIT {
  private static final String VICTIM = "victim_ring";

  @TempDir private static Path directory;
  private Victims victims;
  private Path watched;

  @BeforeAll
  void start() throws IOException {
    Victims.assumePossible();
    Path disabled = Path.of("/proc/sys/kernel/io_uring_disabled");
    Assumptions.assumeTrue(
        !Files.exists(disabled) || !Files.readString(disabled).startsWith("2"),
        "io_uring is turned off here");
    watched = Files.writeString(directory.resolve("secret-" + UUID.randomUUID()), "secret");
    Files.setPosixFilePermissions(watched, PosixFilePermissions.fromString("rw-------"));
    victims = new Victims(directory, config -> config.withWatched(List.of(watched.toString())));
  }

  @AfterAll
  void stop() {
    if (victims != null) {
      victims.close();
    }
  }

  @BeforeEach
  void assumeRequestsAreSeen(TestInfo test) {
    if (test.getTags().contains("setup")) {
      return;
    }
    for (Hook hook : victims.sensor.hooks()) {
      Assumptions.assumeTrue(
          !hook.hook().startsWith("tp_btf/io_uring_") || hook.state() == Hook.State.ATTACHED,
          hook.toString());
    }
  }

  /** All events of the kind that the run caused, in their order, once it has ended. */
  private List<Event> events(String token, Kind kind) {
    victims.await(token, Kind.EXIT, e -> true);
    return victims.events.stream()
        .filter(e -> e.getKind() == kind)
        .filter(e -> e.getProcess().getArgsList().contains(token))
        .toList();
  }

  private Path folder(String name) throws IOException {
    return Files.createDirectories(directory.resolve(name)).toRealPath();
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  @Tag("setup")
  void shouldSeeARingSetUp(Place place) throws IOException {
    String token = victims.run(place, VICTIM, "setup");
    Event event = victims.await(token, Kind.IO_URING, e -> true);
    victims.checkPlace(place, event);
    assertThat(event.getResult()).isZero();
    assertThat(event.getIoUringSetup().getEntries()).isEqualTo(8);
    assertThat(event.getIoUringSetup().getFlags()).isZero();
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void shouldSeeWhatIsDoneToFilesThroughARing(Place place) throws IOException {
    Path folder = folder("files-" + place);
    checkFiles(place, folder, victims.run(place, VICTIM, "files", folder.toString()));
  }

  /** A thread of the kernel takes the requests: not even the one system call is made. */
  @ParameterizedTest
  @EnumSource(Place.class)
  void shouldSeeWhatAPolledRingDoes(Place place) throws IOException {
    Path folder = folder("polled-" + place);
    String token = victims.run(place, VICTIM, "polled", folder.toString());
    checkFiles(place, folder, token);
    Event setup = victims.await(token, Kind.IO_URING, e -> true);
    assertThat(setup.getIoUringSetup().getFlags()).as("IORING_SETUP_SQPOLL").isEqualTo(2);
  }

  private void checkFiles(Place place, Path folder, String token) throws IOException {
    List<Event> opened =
        events(token, Kind.OPEN).stream()
            .filter(e -> e.getOpen().getPath().startsWith(folder + "/"))
            .toList();
    victims.checkPlace(place, opened.get(0));
    assertThat(opened)
        .allMatch(Event::getIoUring)
        .extracting(
            e -> e.getOpen().getPath(), e -> e.getOpen().getGiven(), e -> e.getOpen().getCreate())
        .containsExactly(
            tuple(folder + "/ring-a", "ring-a", true), tuple(folder + "/ring-b", "./ring-b", true));
    assertThat(opened.get(1).getOpen().getInode())
        .isEqualTo(Files.getAttribute(folder.resolve("ring-b"), "unix:ino"));
    assertThat(events(token, Kind.RENAME))
        .allMatch(Event::getIoUring)
        .extracting(e -> e.getRename().getPath(), e -> e.getRename().getTarget())
        .containsExactly(tuple(folder + "/ring-a", folder + "/ring-c"));
    assertThat(events(token, Kind.LINK))
        .allMatch(Event::getIoUring)
        .extracting(e -> e.getLink().getPath(), e -> e.getLink().getTarget())
        .containsExactly(
            tuple(folder + "/ring-c", folder + "/ring-d"),
            tuple(folder + "/ring-e", "/etc/shadow"));
    assertThat(events(token, Kind.UNLINK))
        .as("and none of what was not there")
        .allMatch(Event::getIoUring)
        .extracting(e -> e.getUnlink().getPath())
        .containsExactly(folder + "/ring-d");
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void shouldSeeWhatIsDoneInSilence(Place place) throws IOException {
    Path folder = folder("silent-" + place);
    String token = victims.run(place, VICTIM, "silent", folder.toString());
    for (String name : List.of("ring-silent", "ring-direct")) {
      Event event =
          victims.await(
              token, Kind.OPEN, e -> e.getOpen().getPath().equals(folder.resolve(name).toString()));
      victims.checkPlace(place, event);
      assertThat(event.getIoUring()).isTrue();
      assertThat(event.getOpen().getWrite()).isTrue();
    }
  }

  @Test
  void shouldSeeARefusedReadOfAWatchedFileThroughARing() throws IOException {
    String token = victims.run(Place.HOST, VICTIM, "refused", watched.toString());
    Event event =
        victims.await(token, Kind.OPEN, e -> e.getOpen().getPath().equals(watched.toString()));
    assertThat(event.getIoUring()).isTrue();
    assertThat(event.getResult()).isEqualTo(-13);
    assertThat(event.getOpen().getWatched()).isTrue();
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void shouldSeeARawSocketMadeThroughARing(Place place) throws IOException {
    String token = victims.run(place, VICTIM, "raw");
    Event event = victims.await(token, Kind.RAWSOCKET, e -> true);
    victims.checkPlace(place, event);
    assertThat(event.getIoUring()).isTrue();
    assertThat(event.getRawsocket().getProtocol()).isEqualTo("icmp");
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void shouldSeeWhoTalksToAUnixSocketThroughARing(Place place) throws IOException {
    Path path = directory.resolve(place + ".sock");
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(path));
      String token = victims.run(place, VICTIM, "unix", path.toString());
      Event event = victims.await(token, Kind.UNIX, e -> true);
      victims.checkPlace(place, event);
      assertThat(event.getIoUring()).isTrue();
      assertThat(event.getUnix().getFamily()).isEqualTo(Family.LOCAL);
      assertThat(event.getUnix().getPath()).isEqualTo(path.toString());
      assertThat(event.getUnix().getPeerPid()).isEqualTo((int) ProcessHandle.current().pid());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"accept", "accept-many"})
  void shouldSeeEveryConnectionAcceptedThroughARing(String action) throws IOException {
    int expected = action.equals("accept") ? 1 : 2;
    String token = victims.run(Place.HOST, VICTIM, action);
    List<Event> accepted =
        Awaitility.await()
            .atMost(Duration.ofSeconds(10))
            .until(() -> events(token, Kind.ACCEPT), all -> counted(all) == expected);
    assertThat(accepted)
        .allMatch(Event::getIoUring)
        .extracting(e -> e.getAccept().getRemoteAddress())
        .containsOnly("127.0.0.1");
  }

  /** Equal ones may be told as one. */
  private static long counted(List<Event> events) {
    return events.stream().mapToLong(e -> Math.max(1, e.getCount())).sum();
  }
}
