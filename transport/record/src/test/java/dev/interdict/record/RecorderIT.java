package dev.interdict.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.interdict.record.Flight.Read;
import dev.interdict.record.RecorderConfig.Retention;
import dev.interdict.schema.Gap;
import dev.interdict.schema.Kinds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a real file system that is really full. */
final class RecorderIT {
  @TempDir Path directory;
  private Path disk;

  @BeforeEach
  void mount() throws Exception {
    Path place = Files.createDirectory(directory.resolve("disk"));
    assumeTrue(
        run("mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", place.toString()) == 0,
        "needs root and the right to mount a tmpfs");
    disk = place;
  }

  @AfterEach
  void unmount() throws Exception {
    if (disk != null) {
      assertThat(run("umount", disk.toString())).isZero();
    }
  }

  @Test
  void shouldCountWhatAFullDiskDoesNotTakeAndGoOnWhenItDoes() throws IOException {
    Flight flight = new Flight(1);
    try (Recorder recorder = Recorder.open(RecorderConfig.of(disk.resolve("r")))) {
      flight.record(recorder, 20);
      Path ballast = disk.resolve("ballast");
      fill(ballast);
      while (recorder.lost() == 0) {
        flight.record(recorder, 1);
      }
      flight.record(recorder, 50);
      assertThatThrownBy(
              () -> {
                flight.append(recorder, 0, 20_000);
                recorder.sync();
              })
          .hasMessageStartingWith("the disk did not take");
      Files.delete(ballast);
      flight.record(recorder, 20);
      recorder.sync();

      try (RecorderReader reader =
          recorder.reader(new Position(recorder.node(), recorder.epoch(), 1), Kinds.ALL)) {
        List<Read> read = Flight.drain(reader);
        List<Gap> gaps = Gaps.of(read);
        assertThat(gaps).allMatch(gap -> gap.getReason() == Gap.Reason.RECORDER_FULL);
        long told = gaps.stream().mapToLong(Gap::getCount).sum();
        assertThat(told).isPositive().isEqualTo(recorder.lost());
        List<Read> events = Gaps.without(read);
        assertThat(events.size() + told).isEqualTo(flight.written().size());
        assertThat(flight.written()).containsSubsequence(events);
        for (Read event : flight.written()) {
          assertThat(events.contains(event) || gaps.stream().anyMatch(gap -> covers(gap, event)))
              .as("%s", event)
              .isTrue();
        }
      }
    }
    try (Recorder again = Recorder.open(RecorderConfig.of(disk.resolve("r")))) {
      assertThat(again.recovery().clean()).isTrue();
    }
  }

  @Test
  void shouldLetGoWhatAConsumerHoldsRatherThanFillTheDisk() throws IOException {
    Flight flight = new Flight(2);
    RecorderConfig config = RecorderConfig.of(disk.resolve("r")).withSegmentBytes(16_384);
    for (int lane = 0; lane < 3; lane++) {
      config = config.withRetention(lane, new Retention(40_000, Duration.ofDays(1)));
    }
    try (Recorder recorder = Recorder.open(config)) {
      Position first = new Position(recorder.node(), recorder.epoch(), 1);
      recorder.hold("asleep", first);
      while (recorder.lost() == 0) {
        flight.record(recorder, 1);
      }
      await()
          .atMost(Duration.ofSeconds(20))
          .ignoreExceptionsInstanceOf(IOException.class)
          .until(
              () -> {
                flight.append(recorder, 0, 20_000);
                recorder.sync();
                return true;
              });
      try (RecorderReader reader = recorder.reader(first, Kinds.ALL)) {
        List<Read> read = Flight.drain(reader);
        List<Gap> gaps = Gaps.of(read);
        assertThat(gaps)
            .extracting(Gap::getReason)
            .contains(Gap.Reason.RETENTION, Gap.Reason.RECORDER_FULL);
        for (Read event : flight.written()) {
          assertThat(read.contains(event) || gaps.stream().anyMatch(gap -> covers(gap, event)))
              .as("%s", event)
              .isTrue();
        }
      }
    }
  }

  private static boolean covers(Gap gap, Read event) {
    return gap.getLaneValue() == event.lane()
        && gap.getFirstSequence() <= event.sequence()
        && gap.getLastSequence() >= event.sequence();
  }

  private static void fill(Path file) throws IOException {
    byte[] block = new byte[4_096];
    try (var out = Files.newOutputStream(file)) {
      while (true) {
        out.write(block);
      }
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("No space left");
    }
  }

  private static int run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getInputStream().readAllBytes();
    assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
    return process.exitValue();
  }
}
