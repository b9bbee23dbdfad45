package dev.interdict.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interdict.record.OfflineRecorder.SegmentReport;
import dev.interdict.schema.Kinds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class OfflineRecorderTest {
  @TempDir Path directory;

  @Test
  void shouldReadACopyOfARunningRecorder() throws IOException {
    Flight flight = new Flight(1);
    Path path = directory.resolve("a");
    try (Recorder recorder = open(path)) {
      flight.record(recorder, 40);
      OfflineRecorder copy = OfflineRecorder.open(Images.copy(path, directory.resolve("b")));
      assertThat(copy.isClean()).isFalse();
      assertThat(copy.node()).isEqualTo(recorder.node());
      try (RecorderReader reader = copy.reader(Long.MIN_VALUE, Kinds.ALL)) {
        assertThat(Flight.drain(reader)).isEqualTo(flight.written());
      }
      assertThat(copy.inspect(false)).isNotEmpty().noneMatch(SegmentReport::isDamaged);
      assertThat(copy.inspect(false).stream().mapToLong(SegmentReport::events).sum())
          .isEqualTo(flight.written().size());
    }
    assertThat(OfflineRecorder.open(path).isClean()).isTrue();
  }

  @Test
  void shouldTellTornEndsFromDamage() throws IOException {
    Flight flight = new Flight(2);
    Path path;
    long epoch;
    try (Recorder recorder = open(directory.resolve("a"))) {
      epoch = recorder.epoch();
      flight.record(recorder, 40);
      path = Images.copy(directory.resolve("a"), directory.resolve("b"));
    }
    // A clean stop leaves nothing torn, so there it is damage.
    Images.cut(Images.lastSegment(directory.resolve("a"), epoch, 0), 3);
    assertThat(OfflineRecorder.open(directory.resolve("a")).inspect(false))
        .filteredOn(SegmentReport::isDamaged)
        .singleElement()
        .satisfies(report -> assertThat(report.lane()).isZero());

    Path first = Images.segments(path, epoch, 1).get(0);
    Images.flip(first, 8L * (Segment.HEADER_LENGTH + 120));
    Images.cut(Images.lastSegment(path, epoch, 0), 3);
    Images.flip(Images.segments(path, epoch, 2).get(0), 100);
    long before = Files.size(first);
    var reports = OfflineRecorder.open(path).inspect(false);
    assertThat(reports.stream().filter(SegmentReport::isDamaged).map(SegmentReport::lane))
        .containsExactly(1, 2);
    assertThat(reports.stream().filter(r -> r.tornBytes() > 0).map(SegmentReport::lane))
        .containsExactly(0);
    assertThat(reports.stream().filter(r -> r.headerProblem() != null))
        .singleElement()
        .satisfies(r -> assertThat(r.headerProblem()).isEqualTo("damaged segment header"));
    assertThat(Files.size(first)).isEqualTo(before);
  }

  @Test
  void shouldParseEveryEventIfAsked() throws IOException {
    try (RecordLog log = RecordLog.open(directory.resolve("log"))) {
      log.append(1, 1, new byte[500]);
    }
    assertThat(OfflineRecorder.open(directory.resolve("log")).inspect(true))
        .singleElement()
        .satisfies(report -> assertThat(report.isDamaged()).isFalse());
    try (Recorder recorder = open(directory.resolve("noise"))) {
      byte[] noise = Entries.entry(1, 1, 12, new java.util.Random(1)); // a tag without its value
      recorder.append(0, noise, 0, noise.length);
    }
    OfflineRecorder noisy = OfflineRecorder.open(directory.resolve("noise"));
    assertThat(noisy.inspect(false)).noneMatch(SegmentReport::isDamaged);
    assertThat(noisy.inspect(true)).allMatch(report -> report.malformedEvents() == 1);
  }

  @Test
  void shouldSayWhenADirectoryIsNoRecorder() {
    assertThatThrownBy(() -> OfflineRecorder.open(directory))
        .hasMessageStartingWith("not a recorder's directory");
  }

  private Recorder open(Path path) throws IOException {
    return Recorder.open(RecorderConfig.of(path).withSegmentBytes(4_096));
  }
}
