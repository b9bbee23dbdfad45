package dev.interdict.record;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interdict.record.Flight.Read;
import dev.interdict.record.RecorderConfig.Retention;
import dev.interdict.schema.Gap;
import dev.interdict.schema.Kind;
import dev.interdict.schema.Kinds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RecoveryTest {
  @TempDir Path directory;

  @Test
  void shouldOpenANewEpochAfterAnUncleanStop() throws IOException {
    Flight flight = new Flight(1);
    Path image;
    long epoch;
    try (Recorder recorder = open(directory.resolve("a"))) {
      flight.record(recorder, 20);
      epoch = recorder.epoch();
      image = Images.copy(directory.resolve("a"), directory.resolve("b"));
    }
    try (Recorder recorder = open(image)) {
      assertThat(recorder.epoch()).isGreaterThan(epoch);
      assertThat(recorder.recovery().clean()).isFalse();
      assertThat(recorder.recovery().truncatedBytes()).isZero();
      flight.record(recorder, 5);
      List<Read> read = readFrom(recorder, epoch, 1);
      assertThat(Gaps.without(read)).isEqualTo(flight.written());
      assertThat(Gaps.of(read))
          .singleElement()
          .satisfies(
              gap -> {
                assertThat(gap.getReason()).isEqualTo(Gap.Reason.UNCLEAN_STOP);
                assertThat(gap.getCounted()).isFalse();
                assertThat(gap.getFromTime()).isPositive();
              });
    }
  }

  @Test
  void shouldCutATornWriteAndMissNothingAfterIt() throws IOException {
    Flight flight = new Flight(2);
    Path original = directory.resolve("a");
    long epoch;
    NodeId node;
    try (Recorder recorder = open(original)) {
      epoch = recorder.epoch();
      node = recorder.node();
      flight.record(recorder, 10);
      flight.append(recorder, 1, 200);
      recorder.flush();
      for (int bytes = 1; bytes < 300; bytes += 17) {
        Path image = Images.copy(original, directory.resolve("cut" + bytes));
        Images.cut(Images.lastSegment(image, epoch, 1), bytes);
        Flight after = new Flight(bytes);
        try (Recorder recovered = open(image)) {
          long ahead = flight.written().get(flight.written().size() - 1).sequence() + 1;
          after.record(recovered, 2);
          // A consumer may have seen what the power cut took from the disk.
          assertThat(Gaps.without(readFrom(recovered, epoch, ahead))).isEqualTo(after.written());
          List<Read> all = new ArrayList<>(flight.written());
          all.remove(all.size() - 1);
          all.addAll(after.written());
          assertThat(Gaps.without(readFrom(recovered, epoch, 1))).isEqualTo(all);
          assertThat(recovered.node()).isEqualTo(node);
        }
      }
    }
  }

  @Test
  void shouldNoticeThatALaneLostItsTail() throws IOException {
    Flight flight = new Flight(3);
    Path image;
    long epoch;
    try (Recorder recorder = open(directory.resolve("a"))) {
      epoch = recorder.epoch();
      for (int batch = 0; batch < 10; batch++) {
        flight.append(recorder, 0, 100);
        flight.append(recorder, 2, 100);
        recorder.flush();
      }
      image = Images.copy(directory.resolve("a"), directory.resolve("b"));
    }
    Path files = Images.lastSegment(image, epoch, 2);
    Images.cut(files, (Files.size(files) - Segment.HEADER_LENGTH) * 4 / 10); // 4 of 10 frames
    try (Recorder recorder = open(image)) {
      assertThat(recorder.recovery().lossTime()).isEqualTo(flight.written().get(11).time());
    }
  }

  @Test
  void shouldTellADamagedFrameAndReadTheRest() throws IOException {
    Flight flight = new Flight(4);
    Path original = directory.resolve("a");
    long epoch;
    try (Recorder recorder = open(original)) {
      epoch = recorder.epoch();
      flight.record(recorder, 40);
    }
    Random random = new Random(5);
    for (int round = 0; round < 40; round++) {
      Path image = Images.copy(original, directory.resolve("flip" + round));
      List<Path> segments = Images.segments(image, epoch, random.nextInt(3));
      Path segment = segments.get(random.nextInt(segments.size()));
      long headerBits = 8L * Segment.HEADER_LENGTH;
      long bits = 8 * Files.size(segment) - headerBits;
      Images.flip(segment, headerBits + (long) (random.nextDouble() * bits));
      try (Recorder recorder = open(image)) {
        List<Read> read = readFrom(recorder, epoch, 1);
        List<Read> events = Gaps.without(read);
        List<Read> missing = new ArrayList<>(flight.written());
        missing.removeAll(events);
        assertThat(missing).as("round %d", round).isNotEmpty();
        assertThat(events).hasSize(flight.written().size() - missing.size());
        assertThat(flight.written()).containsSubsequence(events);
        List<Gap> gaps = Gaps.of(read);
        boolean told =
            recorder.recovery().truncatedBytes() > 0
                || missing.stream().allMatch(e -> gaps.stream().anyMatch(g -> covers(g, e)));
        assertThat(told).as("round %d missing %s gaps %s", round, missing.size(), gaps).isTrue();
        assertThat(read.stream().map(e -> e.epoch() + "/" + e.sequence())).doesNotHaveDuplicates();
      }
    }
  }

  @Test
  void shouldSurviveGarbageWhereASegmentWas() throws IOException {
    Flight flight = new Flight(6);
    Path original = directory.resolve("a");
    long epoch;
    try (Recorder recorder = open(original)) {
      epoch = recorder.epoch();
      flight.record(recorder, 40);
    }
    Random random = new Random(7);
    byte[] garbage = new byte[9_000];
    for (int round = 0; round < 8; round++) {
      Path image = Images.copy(original, directory.resolve("garbage" + round));
      List<Path> segments = Images.segments(image, epoch, 1);
      random.nextBytes(garbage);
      Files.write(segments.get(random.nextInt(segments.size())), garbage);
      try (Recorder recorder = open(image)) {
        List<Read> events = Gaps.without(readFrom(recorder, epoch, 1));
        assertThat(events.stream().filter(e -> e.lane() != 1))
            .isEqualTo(flight.written().stream().filter(e -> e.lane() != 1).toList());
      }
    }
  }

  @Test
  void shouldTellWhatRetentionHasTaken() throws IOException {
    Flight flight = new Flight(8);
    Path path = directory.resolve("a");
    try (Recorder recorder = open(path);
        RecorderReader behind = recorder.reader(position(recorder, 1), Kinds.ALL)) {
      flight.record(recorder, 5);
      int before = Flight.drain(behind).size();
      flight.record(recorder, 100);
      retain(recorder, path, new Retention(20_000, Duration.ofDays(1)), 2);

      List<Read> read = readFrom(recorder, recorder.epoch(), 1);
      List<Read> missing = new ArrayList<>(flight.written());
      missing.removeAll(Gaps.without(read));
      assertThat(missing).isNotEmpty().allMatch(e -> e.lane() == 2);
      Gap gap = Gaps.of(read).get(0);
      assertThat(Gaps.of(read)).hasSize(1);
      assertThat(gap.getReason()).isEqualTo(Gap.Reason.RETENTION);
      assertThat(gap.getFirstSequence()).isEqualTo(1);
      assertThat(gap.getLastSequence())
          .isGreaterThanOrEqualTo(missing.get(missing.size() - 1).sequence());
      assertThat(gap.getCounted()).isTrue();
      assertThat(gap.getCount()).isEqualTo(missing.size());
      assertThat(read.stream().map(Read::sequence)).doesNotHaveDuplicates();

      // Nobody who does not ask for files is told of lost files.
      assertThat(Gaps.read(recorder, Kinds.bit(Kind.EXEC))).isEmpty();

      // Someone who was on the way is told of what he has not read yet.
      List<Read> rest = Flight.drain(behind);
      List<Read> skipped =
          new ArrayList<>(flight.written().subList(before, flight.written().size()));
      skipped.removeAll(Gaps.without(rest));
      List<Gap> told = Gaps.of(rest);
      assertThat(skipped).isNotEmpty().allMatch(e -> told.stream().anyMatch(g -> covers(g, e)));
    }
  }

  @Test
  void shouldRemoveByAgeAndKeepKnowingAfterARestart() throws IOException {
    Flight flight = new Flight(9);
    Path path = directory.resolve("a");
    long epoch;
    try (Recorder recorder = open(path)) {
      epoch = recorder.epoch();
      flight.record(recorder, 60);
      long later = System.currentTimeMillis() + Duration.ofDays(2).toMillis();
      Retention quota = new Retention(Long.MAX_VALUE, Duration.ofDays(1));
      Catalog catalog = Catalog.load(path);
      RetentionHolds holds = RetentionHolds.load(path, catalog.node());
      new Retainer(catalog, List.of(quota, quota, quota), holds, Long.MAX_VALUE, 0).enforce(later);
    }
    try (Recorder recorder = open(path)) {
      assertThat(recorder.epoch()).isEqualTo(epoch);
      flight.record(recorder, 10);
      List<Read> read = readFrom(recorder, epoch, 1);
      List<Gap> gaps = Gaps.of(read);
      assertThat(gaps).hasSize(3).allMatch(g -> g.getReason() == Gap.Reason.RETENTION);
      assertThat(gaps.stream().mapToLong(Gap::getCount).sum() + Gaps.without(read).size())
          .isEqualTo(flight.written().size());
    }
  }

  @Test
  void shouldTellAReaderThatItsEpochIsGone() throws IOException {
    Path path = directory.resolve("a");
    try (Recorder recorder = open(path)) {
      new Flight(10).record(recorder, 3);
      List<Read> read = readFrom(recorder, recorder.epoch() - 1000, 77);
      assertThat(read.get(0).epoch()).isEqualTo(recorder.epoch() - 1000);
      assertThat(read.get(0).sequence()).isEqualTo(77);
      assertThat(Gaps.of(read).get(0).getReason()).isEqualTo(Gap.Reason.RETENTION);
      assertThat(Gaps.without(read)).hasSize((int) recorder.lastSequence());
    }
  }

  private Recorder open(Path path) throws IOException {
    return Recorder.open(RecorderConfig.of(path).withSegmentBytes(4_096));
  }

  /** As the recorder's own thread does it, but now. */
  private static void retain(Recorder recorder, Path path, Retention quota, int lane)
      throws IOException {
    List<Retention> all = new ArrayList<>();
    for (int i = 0; i <= lane; i++) {
      all.add(i == lane ? quota : Retention.UNLIMITED);
    }
    assertThat(Images.segments(path, recorder.epoch(), lane)).hasSizeGreaterThan(6);
    recorder.retain(all, Long.MAX_VALUE);
    assertThat(Images.segments(path, recorder.epoch(), lane)).hasSizeLessThan(7);
  }

  private static boolean covers(Gap gap, Read event) {
    return gap.getLaneValue() == event.lane()
        && gap.getFirstSequence() <= event.sequence()
        && gap.getLastSequence() >= event.sequence();
  }

  private static List<Read> readFrom(Recorder recorder, long epoch, long sequence)
      throws IOException {
    try (RecorderReader reader =
        recorder.reader(new Position(recorder.node(), epoch, sequence), Kinds.ALL)) {
      return Flight.drain(reader);
    }
  }

  private static Position position(Recorder recorder, long sequence) {
    return new Position(recorder.node(), recorder.epoch(), sequence);
  }
}
