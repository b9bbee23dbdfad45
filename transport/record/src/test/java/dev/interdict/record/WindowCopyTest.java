package dev.interdict.record;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interdict.record.OfflineRecorder.SegmentReport;
import dev.interdict.schema.Kinds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class WindowCopyTest {
  private static final long ALL = 1 << 30;

  @TempDir Path directory;

  @Test
  void shouldCopyEveryEventOfTheSpanFromARunningRecorder() throws IOException {
    Flight flight = new Flight(1);
    try (Recorder recorder = open()) {
      flight.record(recorder, 200);
      long from = flight.written().get(flight.written().size() / 3).time();
      long until = flight.written().get(flight.written().size() / 2).time();

      RecordedWindow window = recorder.save(target(), from, until, ALL);

      List<Flight.Read> copied = read();
      assertThat(copied)
          .containsAll(
              flight.written().stream()
                  .filter(e -> e.time() >= from && e.time() <= until)
                  .toList());
      assertThat(flight.written()).containsAll(copied);
      // Whole frames, so a batch more at either end.
      assertThat(copied).hasSizeLessThan(flight.written().size() / 6 + 100);
      assertThat(window.events()).isEqualTo(copied.size());
      assertThat(window.leftOutEvents()).isZero();
      assertThat(bytes()).isEqualTo(window.bytes());
    }
    OfflineRecorder copy = OfflineRecorder.open(target());
    assertThat(copy.isClean()).isTrue();
    assertThat(copy.inspect(false)).isNotEmpty().noneMatch(SegmentReport::isDamaged);
  }

  @Test
  void shouldOutliveRetention() throws IOException {
    Flight flight = new Flight(2);
    try (Recorder recorder = open()) {
      flight.record(recorder, 100);
      recorder.save(target(), 0, Long.MAX_VALUE, ALL);
      var nothing = new RecorderConfig.Retention(0, Duration.ofDays(1));
      recorder.retain(List.of(nothing, nothing, nothing), ALL);
    }
    assertThat(read()).isEqualTo(flight.written());
  }

  @Test
  void shouldKeepToItsBytesAndTellWhatIsLeftOut() throws IOException {
    Flight flight = new Flight(3);
    try (Recorder recorder = open()) {
      flight.record(recorder, 200);
      RecordedWindow window = recorder.save(target(), 0, Long.MAX_VALUE, 20_000);

      assertThat(window.bytes()).isBetween(10_000L, 20_000L);
      assertThat(bytes()).isEqualTo(window.bytes());
      assertThat(window.events() + window.leftOutEvents()).isEqualTo(flight.written().size());
      assertThat(read()).hasSize((int) window.events()).allMatch(event -> event.lane() == 0);
    }
  }

  @Test
  void shouldTellWhatRetentionHadTakenOfTheSpan() throws IOException {
    Flight flight = new Flight(4);
    try (Recorder recorder = open()) {
      flight.record(recorder, 200);
      var some = new RecorderConfig.Retention(8_192, Duration.ofDays(365_000));
      recorder.retain(List.of(some, some, some), ALL);

      recorder.save(target(), 0, Long.MAX_VALUE, ALL);

      assertThat(OfflineRecorder.open(target()).removed())
          .isEqualTo(OfflineRecorder.open(directory.resolve("a")).removed())
          .hasSize(3);
    }
  }

  @Test
  void shouldCopyDamageAsItIs() throws IOException {
    Flight flight = new Flight(5);
    long epoch;
    try (Recorder recorder = open()) {
      flight.record(recorder, 100);
      epoch = recorder.epoch();
    }
    Path damaged = Images.segments(directory.resolve("a"), epoch, 1).get(0);
    long frame = Segment.HEADER_LENGTH + FrameHeader.LENGTH;
    Images.flip(damaged, 8 * (Files.size(damaged) / 2 + frame));
    try (Recorder recorder = open()) {
      recorder.save(target(), 0, Long.MAX_VALUE, ALL);
    }
    long lost =
        OfflineRecorder.open(directory.resolve("a")).inspect(false).stream()
            .mapToLong(SegmentReport::damagedBytes)
            .sum();
    assertThat(lost).isPositive();
    assertThat(
            OfflineRecorder.open(target()).inspect(false).stream()
                .mapToLong(SegmentReport::damagedBytes)
                .sum())
        .isEqualTo(lost);
  }

  private Recorder open() throws IOException {
    Files.createDirectories(target());
    return Recorder.open(RecorderConfig.of(directory.resolve("a")).withSegmentBytes(4_096));
  }

  private Path target() {
    return directory.resolve("window");
  }

  private List<Flight.Read> read() throws IOException {
    try (RecorderReader reader = OfflineRecorder.open(target()).reader(Long.MIN_VALUE, Kinds.ALL)) {
      return Flight.drain(reader);
    }
  }

  private long bytes() throws IOException {
    return OfflineRecorder.open(target()).inspect(false).stream()
        .mapToLong(SegmentReport::bytes)
        .sum();
  }
}
