package dev.interdict.agent.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interdict.agent.kernel.Victims.Place;
import dev.interdict.schema.Event;
import dev.interdict.schema.Gap;
import dev.interdict.schema.Kind;
import dev.interdict.schema.Lane;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is done again and again: told by few events whose counts add up. */
final class RepeatsIT {
  private static final String VICTIM = "victim_repeat";
  private static final int TIMES = 20_000;
  private static final int RATE = 1000;

  @TempDir private Path directory;

  @BeforeAll
  static void check() throws IOException {
    Victims.assumePossible();
  }

  @Test
  void shouldTellAnOpenOnceAndThenHowOften() throws IOException {
    Path file = Files.createFile(directory.resolve("watched"));
    try (Victims victims =
        new Victims(directory, config -> config.withWatched(List.of(file.toString())))) {
      String token =
          victims.run(Place.HOST, VICTIM, "opens", file.toString(), Integer.toString(TIMES));
      awaitCount(victims, token, Kind.OPEN, TIMES);
      assertThat(of(victims, token, Kind.OPEN))
          .hasSizeLessThan(100)
          .allMatch(e -> e.getOpen().getPath().equals(file.toString()))
          .allMatch(e -> e.getResult() == 0);
      assertAccounted(victims);
    }
  }

  @Test
  void shouldNotMixWhatSucceedsWithWhatIsRefused() throws IOException {
    Path file = Files.createFile(directory.resolve("secret"));
    file.toFile().setReadable(false, false);
    file.toFile().setWritable(false, false);
    assertThat(file.toFile().setReadable(true, true)).isTrue();
    try (Victims victims =
        new Victims(directory, config -> config.withWatched(List.of(file.toString())))) {
      String token =
          victims.run(Place.HOST, VICTIM, "refused", file.toString(), Integer.toString(500));
      awaitCount(victims, token, Kind.OPEN, 500);
      assertThat(of(victims, token, Kind.OPEN)).allMatch(e -> e.getResult() == -13);
      String other = victims.run(Place.HOST, VICTIM, "opens", file.toString(), "500");
      awaitCount(victims, other, Kind.OPEN, 500);
      assertThat(of(victims, other, Kind.OPEN)).allMatch(e -> e.getResult() == 0);
      assertAccounted(victims);
    }
  }

  @Test
  void shouldAddUpWhatWentOverConnections() throws IOException {
    int times = 2000;
    try (Victims victims = new Victims(directory, config -> config)) {
      String token = victims.run(Place.HOST, VICTIM, "connects", Integer.toString(times));
      awaitCount(victims, token, Kind.CONNECT, times);
      awaitCount(victims, token, Kind.ACCEPT, times);
      awaitCount(victims, token, Kind.DISCONNECT, 2 * times);
      List<Event> ends = of(victims, token, Kind.DISCONNECT);
      assertThat(ends).hasSizeLessThan(100);
      assertThat(ends.stream().mapToLong(e -> e.getDisconnect().getBytesSent()).sum())
          .isEqualTo(10L * times);
      assertThat(ends.stream().mapToLong(e -> e.getDisconnect().getBytesReceived()).sum())
          .isEqualTo(10L * times);
      assertAccounted(victims);
    }
  }

  @Test
  void shouldTellEachWhereARuleHasToCount() throws IOException {
    Path file = Files.createFile(directory.resolve("counted"));
    try (Victims victims =
        new Victims(
            directory,
            config -> config.withWatched(List.of(file.toString())).withFolded(Set.of()))) {
      String token = victims.run(Place.HOST, VICTIM, "opens", file.toString(), "300");
      Awaitility.await()
          .atMost(Duration.ofSeconds(10))
          .until(() -> of(victims, token, Kind.OPEN).size() == 300);
      assertAccounted(victims);
    }
  }

  @Test
  void shouldCapAContainerAndSayByHowMuch() throws IOException {
    try (Victims victims =
        new Victims(
            directory,
            config -> config.withContainerRate(RATE).withRings(4 << 20, 4 << 20, 16 << 20))) {
      // Before the container says more than it may, the sensor has to have met it.
      victims.await(victims.run(Place.CONTAINER, "victim", "exec"), Kind.EXEC, e -> true);
      Path folder = Files.createDirectory(directory.resolve("many"));
      String inside =
          victims.run(
              Place.CONTAINER, VICTIM, "writes", folder.toString(), Integer.toString(TIMES));
      victims.await(inside, Kind.EXIT, e -> true);
      long capped = capped(victims);
      assertThat(capped).isPositive();
      Awaitility.await()
          .atMost(Duration.ofSeconds(10))
          .until(() -> told(victims) == capped(victims));
      assertThat(gaps(victims))
          .allMatch(gap -> gap.getLane() == Lane.FILE)
          .allMatch(gap -> gap.getCgroup().endsWith(victims.containerId));
      assertThat(of(victims, inside, Kind.OPEN).size() + capped).isGreaterThanOrEqualTo(TIMES);

      String outside =
          victims.run(Place.HOST, VICTIM, "writes", folder.toString(), Integer.toString(TIMES));
      awaitCount(victims, outside, Kind.OPEN, TIMES);
      assertThat(capped(victims)).as("the host has no cap").isEqualTo(capped);
      assertAccounted(victims);
    }
  }

  private static List<Event> of(Victims victims, String token, Kind kind) {
    return victims.events.stream()
        .filter(e -> e.getKind() == kind && e.getProcess().getArgsList().contains(token))
        .filter(e -> kind != Kind.OPEN || !e.getOpen().getPath().endsWith("/cgroup.procs"))
        .toList();
  }

  /** An event stands for as many as it says, at least for itself. */
  private static void awaitCount(Victims victims, String token, Kind kind, long expected) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(
            () ->
                assertThat(
                        of(victims, token, kind).stream()
                            .mapToLong(e -> Math.max(1, e.getCount()))
                            .sum())
                    .isEqualTo(expected));
  }

  private static long capped(Victims victims) {
    return victims.sensor.stats().kinds().stream().mapToLong(SensorStats.PerKind::capped).sum();
  }

  private static Stream<Gap> allGaps(Victims victims) {
    return victims.events.stream().filter(e -> e.getKind() == Kind.GAP).map(Event::getGap);
  }

  private static List<Gap> gaps(Victims victims) {
    return allGaps(victims).filter(gap -> gap.getReason() == Gap.Reason.CAPPED).toList();
  }

  private static long told(Victims victims) {
    return gaps(victims).stream().mapToLong(Gap::getCount).sum();
  }

  private static void assertAccounted(Victims victims) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(
            () ->
                assertThat(victims.sensor.stats().kinds())
                    .allSatisfy(kind -> assertThat(kind.outstanding()).as(kind.kind()).isZero()));
  }
}
