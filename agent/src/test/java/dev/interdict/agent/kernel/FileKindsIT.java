package dev.interdict.agent.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.interdict.agent.kernel.Victims.Place;
import dev.interdict.schema.Event;
import dev.interdict.schema.FileOperation;
import dev.interdict.schema.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Real calls of every kind that concerns a file. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class FileKindsIT {
  private static final String VICTIM = "victim_file";

  @TempDir private static Path directory;
  private Victims victims;

  @BeforeAll
  void start() throws IOException {
    Victims.assumePossible();
    victims = new Victims(directory, config -> config);
  }

  @AfterAll
  void stop() {
    if (victims != null) {
      victims.close();
    }
  }

  private Path folder(String name, Place place) throws IOException {
    return Files.createDirectories(directory.resolve(name + "-" + place)).toRealPath();
  }

  /** All events of the kind that the run caused, in their order, once it has ended. */
  private List<Event> events(String token, Kind kind) {
    victims.await(token, Kind.EXIT, e -> true);
    return victims.events.stream()
        .filter(e -> e.getKind() == kind)
        .filter(e -> e.getProcess().getArgsList().contains(token))
        .toList();
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void shouldSeeEveryRename(Place place) throws IOException {
    Path folder = folder("rename", place);
    String token = victims.run(place, VICTIM, "rename", folder.toString());
    List<Event> events = events(token, Kind.RENAME);
    victims.checkPlace(place, events.get(0));
    assertThat(events)
        .extracting(Event::getRename)
        .extracting(FileOperation::getPath, FileOperation::getTarget, FileOperation::getTargetGiven)
        .containsExactly(
            tuple(folder + "/rename-a", folder + "/rename-b", "sub/../rename-b"),
            tuple(folder + "/rename-b", folder + "/rename-c", "rename-c"),
            tuple(folder + "/rename-c", folder + "/rename-d", "rename-d"));
    assertThat(events.get(0).getRename().getGiven()).isEqualTo("./rename-a");
    assertThat(events.get(2).getRename().getFlags()).as("RENAME_NOREPLACE").isEqualTo(1);
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void shouldSeeEveryRemoval(Place place) throws IOException {
    Path folder = folder("unlink", place);
    String token = victims.run(place, VICTIM, "unlink", folder.toString());
    List<Event> events = events(token, Kind.UNLINK);
    victims.checkPlace(place, events.get(0));
    assertThat(events)
        .extracting(Event::getUnlink)
        .extracting(FileOperation::getPath, FileOperation::getType)
        .containsExactly(
            tuple(folder + "/unlink-a", ""),
            tuple(folder + "/unlink-b", ""),
            tuple(folder + "/unlink-c", "directory"),
            tuple(folder + "/unlink-d", "directory"));
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void shouldSeeAFileCutButNotMemory(Place place) throws IOException {
    Path folder = folder("truncate", place);
    String token = victims.run(place, VICTIM, "truncate", folder.toString());
    List<Event> events = events(token, Kind.TRUNCATE);
    victims.checkPlace(place, events.get(0));
    assertThat(events)
        .extracting(Event::getTruncate)
        .extracting(FileOperation::getPath, FileOperation::getLength)
        .containsExactly(tuple(folder + "/truncate-a", 4096L), tuple(folder + "/truncate-a", 7L));
    assertThat(events.get(1).getTruncate().getInode())
        .isEqualTo(Files.getAttribute(folder.resolve("truncate-a"), "unix:ino"));
    assertThat(events.get(0).getTruncate().hasInode()).as("only a name is left").isFalse();
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void shouldSeeHardAndSymbolicLinks(Place place) throws IOException {
    Path folder = folder("link", place);
    String token = victims.run(place, VICTIM, "link", folder.toString());
    List<Event> events = events(token, Kind.LINK);
    victims.checkPlace(place, events.get(0));
    assertThat(events)
        .extracting(Event::getLink)
        .extracting(FileOperation::getPath, FileOperation::getTarget, FileOperation::getSymbolic)
        .containsExactly(
            tuple(folder + "/link-a", folder + "/link-b", false),
            tuple(folder + "/link-a", folder + "/link-c", false),
            tuple(folder + "/link-d", folder.getParent() + "/etc/shadow", true),
            tuple(folder + "/link-e", "/etc/passwd", true));
    assertThat(events.get(2).getLink().getTargetGiven()).isEqualTo("../etc/./shadow");
    assertThat(events.get(2).getLink().getGiven()).isEqualTo("link-d");
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void shouldSeeRightsChangedAndTellSetuid(Place place) throws IOException {
    Path folder = folder("chmod", place);
    String token = victims.run(place, VICTIM, "chmod", folder.toString());
    List<Event> events = events(token, Kind.CHMOD);
    victims.checkPlace(place, events.get(0));
    assertThat(events)
        .extracting(Event::getChmod)
        .extracting(FileOperation::getPath, FileOperation::getMode, FileOperation::getSetuid)
        .startsWith(
            tuple(folder + "/chmod-a", 04755, true),
            tuple(folder + "/chmod-a", 0102711, true),
            tuple(folder + "/chmod-a", 0600, false));
    int mode = (int) Files.getAttribute(folder.resolve("chmod-a"), "unix:mode");
    if ((mode & 0777) == 0640) { // the kernel has fchmodat2
      assertThat(events).hasSize(4);
      assertThat(events.get(3).getChmod().getMode()).isEqualTo(0640);
    }
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void shouldSeeWhoseAFileBecomes(Place place) throws IOException {
    Path folder = folder("chown", place);
    String token = victims.run(place, VICTIM, "chown", folder.toString());
    List<Event> events = events(token, Kind.CHOWN);
    victims.checkPlace(place, events.get(0));
    assertThat(events)
        .extracting(Event::getChown)
        .allSatisfy(chown -> assertThat(chown.getPath()).isEqualTo(folder + "/chown-a"))
        .extracting(FileOperation::getOwner, FileOperation::getGroup)
        .containsExactly(tuple(1, 2), tuple(3, -1), tuple(4, 4), tuple(5, 5));
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void shouldSeeNodesMade(Place place) throws IOException {
    Path folder = folder("mknod", place);
    String token = victims.run(place, VICTIM, "mknod", folder.toString());
    List<Event> events = events(token, Kind.MKNOD);
    victims.checkPlace(place, events.get(0));
    assertThat(events)
        .extracting(Event::getMknod)
        .extracting(
            FileOperation::getPath,
            FileOperation::getType,
            FileOperation::getMode,
            FileOperation::getSpecialDevice)
        .containsExactly(
            tuple(folder + "/mknod-a", "fifo", 0010640, 0),
            tuple(folder + "/mknod-b", "block", 0060640, 8 << 20 | 300));
  }

  @Test
  void shouldSeeWhatWasRefused() throws IOException {
    Path folder = folder("refused", Place.HOST);
    Path file = Files.writeString(folder.resolve("file"), "x");
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    String token = victims.run(Place.HOST, VICTIM, "refused", file.toString());
    String other = file + "-other";
    Event rename = victims.await(token, Kind.RENAME, e -> true);
    assertThat(rename.getResult()).isEqualTo(-13);
    assertThat(rename.getRename().getPath()).isEqualTo(file.toString());
    assertThat(rename.getRename().getTarget()).isEqualTo(other);
    assertThat(victims.await(token, Kind.UNLINK, e -> true).getResult()).isEqualTo(-13);
    assertThat(victims.await(token, Kind.TRUNCATE, e -> true).getResult()).isEqualTo(-13);
    Event link = victims.await(token, Kind.LINK, e -> true);
    assertThat(link.getResult()).isEqualTo(-13);
    assertThat(link.getLink().getPath()).isEqualTo(other);
    Event chmod = victims.await(token, Kind.CHMOD, e -> true);
    assertThat(chmod.getResult()).isEqualTo(-1);
    assertThat(chmod.getChmod().getSetuid()).isTrue();
    Event chown = victims.await(token, Kind.CHOWN, e -> true);
    assertThat(chown.getResult()).isEqualTo(-1);
    assertThat(chown.getChown().getPath()).isEqualTo(file.toString());
    Event mknod = victims.await(token, Kind.MKNOD, e -> true);
    assertThat(mknod.getResult()).isEqualTo(-13);
    assertThat(mknod.getMknod().getType()).isEqualTo("character");
  }

  @Test
  @EnabledIfSystemProperty(named = "os.arch", matches = "amd64")
  void shouldSeeCallsOfThe32BitTable() throws IOException {
    Path folder = folder("compat", Place.HOST);
    String token = victims.run(Place.HOST, VICTIM, "compat", folder.toString());
    assertThat(events(token, Kind.TRUNCATE))
        .extracting(e -> e.getTruncate().getLength())
        .containsExactly((1L << 32) + 5);
    assertThat(events(token, Kind.CHOWN))
        .extracting(e -> e.getChown().getOwner(), e -> e.getChown().getGroup())
        .containsExactly(tuple(7, -1));
    assertThat(events(token, Kind.RENAME))
        .extracting(e -> e.getRename().getPath(), e -> e.getRename().getTarget())
        .containsExactly(tuple(folder + "/compat-a", folder + "/compat-b"));
    assertThat(events(token, Kind.UNLINK))
        .extracting(e -> e.getUnlink().getPath())
        .containsExactly(folder + "/compat-b");
  }

  /** Opened for writing and closed again: nothing is ever written to it. */
  @Test
  void shouldSeeTheCorePatternOpenedForWriting() throws IOException {
    String path = "/proc/sys/kernel/core_pattern";
    checkWatched(victims.run(Place.HOST, VICTIM, "open", path), path);
  }

  @Test
  void shouldSeeTheSysrqTriggerOpenedForWriting() throws IOException {
    String path = "/proc/sysrq-trigger";
    if (Files.exists(Path.of(path))) {
      checkWatched(victims.run(Place.HOST, VICTIM, "open", path), path);
    }
    checkWatched(victims.run(Place.CONTAINER, VICTIM, "open-in", path), path);
  }

  @Test
  void shouldSeeADiskReadPastItsFileSystem() throws IOException {
    Path disk;
    try (Stream<Path> devices = Files.list(Path.of("/dev"))) {
      disk = devices.filter(FileKindsIT::isDisk).findFirst().orElse(null);
    }
    Assumptions.assumeTrue(disk != null, "there is no block device in /dev");
    String token = victims.run(Place.HOST, VICTIM, "read", disk.toString());
    Event event =
        victims.await(token, Kind.OPEN, e -> e.getOpen().getPath().endsWith(disk.toString()));
    assertThat(event.getOpen().getWatched()).isTrue();
    assertThat(event.getOpen().getWrite()).isFalse();
  }

  private static boolean isDisk(Path path) {
    try {
      int mode = (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
      return (mode & 0170000) == 0060000;
    } catch (IOException e) {
      return false; // gone by now
    }
  }

  private void checkWatched(String token, String path) {
    Event event = victims.await(token, Kind.OPEN, e -> e.getOpen().getPath().equals(path));
    assertThat(event.getOpen().getWrite()).isTrue();
    assertThat(event.getOpen().getWatched()).isTrue();
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void shouldSeeTheMemoryOfAnotherProcessOpenedForWriting(Place place) throws IOException {
    String token = victims.run(place, VICTIM, "memory");
    Event event =
        victims.await(token, Kind.OPEN, e -> e.getOpen().getPath().matches("/proc/\\d+/mem"));
    victims.checkPlace(place, event);
    assertThat(event.getOpen().getWrite()).isTrue();
    assertThat(event.getOpen().getWatched()).isTrue();
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void shouldSeeAReleaseAgentOpenedForWriting(Place place) throws IOException {
    Path file = Files.writeString(folder("cgroup", place).resolve("release_agent"), "");
    String token = victims.run(place, VICTIM, "open", file.toString());
    Event event =
        victims.await(token, Kind.OPEN, e -> e.getOpen().getPath().equals(file.toString()));
    victims.checkPlace(place, event);
    assertThat(event.getOpen().getWrite()).isTrue();
    assertThat(event.getOpen().getWatched()).isTrue();
  }
}
