package dev.interdict.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interdict.record.Flight.Read;
import dev.interdict.record.RecorderConfig.Retention;
import dev.interdict.schema.Gap;
import dev.interdict.schema.Kind;
import dev.interdict.schema.Kinds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RetentionHoldsTest {
  private static final Retention TWENTY_KB = new Retention(20_000, Duration.ofDays(1));
  private static final List<Retention> QUOTAS = List.of(TWENTY_KB, TWENTY_KB, TWENTY_KB);
  private static final long UNLIMITED = Long.MAX_VALUE;

  @TempDir Path directory;

  @Test
  void shouldKeepWhatAConsumerHasNotAcknowledged() throws IOException {
    Flight flight = new Flight(1);
    try (Recorder recorder = open()) {
      flight.record(recorder, 60);
      Read acknowledged = flight.written().get(flight.written().size() - 1);
      flight.record(recorder, 120);
      assertThat(recorder.hold("detect", at(recorder, acknowledged.sequence() + 1))).isTrue();

      recorder.retain(QUOTAS, UNLIMITED);

      List<Read> rest = read(recorder, acknowledged.sequence() + 1);
      assertThat(rest)
          .isEqualTo(
              flight.written().stream()
                  .filter(e -> e.sequence() > acknowledged.sequence())
                  .toList());
      // What it has acknowledged is gone, and its own part is more than the quotas would leave.
      assertThat(Gaps.of(read(recorder, 1))).isNotEmpty();
      recorder.release("detect");
      recorder.retain(QUOTAS, UNLIMITED);
      assertThat(Gaps.of(read(recorder, acknowledged.sequence() + 1))).isNotEmpty();
    }
  }

  @Test
  void shouldHoldOnlyTheLanesOfTheKindsThatAreNeeded() throws IOException {
    Flight flight = new Flight(2);
    try (Recorder recorder = open()) {
      flight.record(recorder, 150);
      recorder.hold("detect", at(recorder, 1), Kinds.bit(Kind.EXEC));
      recorder.retain(QUOTAS, UNLIMITED);
      assertThat(Gaps.of(read(recorder, 1)).stream().map(Gap::getLaneValue))
          .containsExactlyInAnyOrder(1, 2);
    }
  }

  @Test
  void shouldTellAGapWhereTheDiskLimitForcedIt() throws IOException {
    Flight flight = new Flight(3);
    try (Recorder recorder = open()) {
      flight.record(recorder, 200);
      recorder.hold("detect", at(recorder, 1));
      recorder.retain(QUOTAS, UNLIMITED);
      assertThat(read(recorder, 1)).isEqualTo(flight.written());

      long limit = size() * 3 / 4;
      recorder.retain(QUOTAS, limit);

      assertThat(size()).isBetween(limit - 8_192, limit);
      List<Read> left = read(recorder, 1);
      List<Gap> gaps = Gaps.of(left);
      // Of files first, which weigh most and are worth least.
      assertThat(gaps)
          .singleElement()
          .satisfies(
              gap -> {
                assertThat(gap.getReason()).isEqualTo(Gap.Reason.RETENTION);
                assertThat(gap.getLaneValue()).isEqualTo(2);
                assertThat(gap.getCount() + Gaps.without(left).size())
                    .isEqualTo(flight.written().size());
              });
    }
  }

  @Test
  void shouldGoOnHoldingAfterARestartAndACrash() throws IOException {
    Flight flight = new Flight(4);
    Position acknowledged;
    Path image;
    try (Recorder recorder = open()) {
      flight.record(recorder, 100);
      acknowledged = at(recorder, 500);
      recorder.hold("an old one", at(recorder, 7));
      recorder.hold("detect", acknowledged);
    }
    try (Recorder recorder = open()) {
      assertThat(recorder.holds()).extracting(Hold::name).containsExactly("an old one", "detect");
      recorder.release("an old one");
      recorder.hold("other", at(recorder, 600), Kinds.bit(Kind.CONNECT));
    }
    image = Images.copy(directory.resolve("r"), directory.resolve("image"));
    Files.delete(image.resolve(RecorderDirectory.CLEAN_FILE));
    Files.writeString(image.resolve(RetentionHolds.FILE), readHolds(image) + "torn li");
    try (Recorder recorder = Recorder.open(RecorderConfig.of(image).withSegmentBytes(4_096))) {
      flight.record(recorder, 100);
      assertThat(recorder.holds())
          .extracting(Hold::name, Hold::position, Hold::kinds)
          .containsExactly(
              org.assertj.core.api.Assertions.tuple("detect", acknowledged, Kinds.ALL),
              org.assertj.core.api.Assertions.tuple(
                  "other",
                  new Position(acknowledged.node(), acknowledged.epoch(), 600),
                  Kinds.bit(Kind.CONNECT)));
      recorder.retain(QUOTAS, UNLIMITED);
      try (RecorderReader reader = recorder.reader(acknowledged, Kinds.ALL)) {
        assertThat(Gaps.of(Flight.drain(reader)))
            .extracting(Gap::getReason)
            .containsExactly(Gap.Reason.UNCLEAN_STOP);
      }
    }
  }

  @Test
  void shouldBoundNamesAndAge() throws IOException {
    try (Recorder recorder = open()) {
      for (int i = 0; i < RetentionHolds.MAX_HOLDS; i++) {
        assertThat(recorder.hold("job-" + i, at(recorder, 1))).isTrue();
      }
      assertThat(recorder.hold("one more", at(recorder, 1))).isFalse();
      assertThat(recorder.hold("job-3", at(recorder, 1))).isTrue();
      assertThatThrownBy(() -> recorder.hold("two\nlines", at(recorder, 1)))
          .hasMessageStartingWith("invalid name of a hold");
      assertThatThrownBy(
              () -> recorder.hold("x", new Position(NodeId.random(), recorder.epoch(), 1)))
          .isInstanceOf(IllegalArgumentException.class);
    }
    Catalog catalog = Catalog.load(directory.resolve("r"));
    RetentionHolds holds = RetentionHolds.load(directory.resolve("r"), catalog.node());
    long now = System.currentTimeMillis();
    holds.expire(now + RetentionHolds.MAX_AGE.toMillis() - 60_000);
    assertThat(holds.list()).hasSize(RetentionHolds.MAX_HOLDS);
    holds.hold("job-3", holds.list().get(0).position(), 1, now + 120_000);
    holds.expire(now + RetentionHolds.MAX_AGE.toMillis() + 60_000);
    assertThat(holds.list()).extracting(Hold::name).containsExactly("job-3");
    // The clock is set back by a year: the age counts from there, not from a year ahead.
    long back = now - Duration.ofDays(365).toMillis();
    holds.expire(back);
    holds.expire(back + RetentionHolds.MAX_AGE.toMillis() + 1);
    assertThat(holds.list()).isEmpty();
  }

  @Test
  void shouldNotAgeByAStepOfTheClock() {
    RetentionClock clock = new RetentionClock(1_000_000, 0);
    long second = 1_000_000_000L;
    assertThat(clock.millis(1_001_000, second)).isEqualTo(1_001_000);
    long month = Duration.ofDays(30).toMillis();
    assertThat(clock.millis(1_002_000 + month, 2 * second)).isEqualTo(1_003_000);
    assertThat(clock.millis(1_003_000 + month, 3 * second)).isEqualTo(1_005_000);
    assertThat(clock.millis(500_000, 4 * second)).isEqualTo(500_000);
    assertThat(clock.millis(501_000, 5 * second)).isEqualTo(501_000);
  }

  private Recorder open() throws IOException {
    return Recorder.open(RecorderConfig.of(directory.resolve("r")).withSegmentBytes(4_096));
  }

  private static String readHolds(Path path) throws IOException {
    return Files.readString(path.resolve(RetentionHolds.FILE));
  }

  private long size() throws IOException {
    long size = 0;
    try (var paths = Files.walk(directory.resolve("r"))) {
      for (Path path : paths.filter(p -> p.toString().endsWith(Segment.SUFFIX)).toList()) {
        size += Files.size(path);
      }
    }
    return size;
  }

  private static Position at(Recorder recorder, long sequence) {
    return new Position(recorder.node(), recorder.epoch(), sequence);
  }

  private static List<Read> read(Recorder recorder, long sequence) throws IOException {
    try (RecorderReader reader = recorder.reader(at(recorder, sequence), Kinds.ALL)) {
      return Flight.drain(reader);
    }
  }
}
