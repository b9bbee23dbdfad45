package dev.interdict.record;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interdict.record.Flight.Read;
import dev.interdict.schema.Gap;
import dev.interdict.schema.Kinds;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a disk may look like after a power cut: what was synced is there, of the rest anything. */
final class PowerCutTest {
  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void shouldKeepWhatWasSyncedAndMissNothingAfterIt(long seed) throws IOException {
    Random random = new Random(seed);
    Flight flight = new Flight(seed);
    Path path = directory.resolve("before");
    Path disk;
    long epoch;
    long head;
    int synced;
    try (Recorder recorder = open(path)) {
      epoch = recorder.epoch();
      flight.record(recorder, 5 + random.nextInt(20));
      recorder.sync();
      synced = flight.written().size();
      Map<Path, Long> sizes = sizes(path);
      flight.record(recorder, 1 + random.nextInt(20));
      head = recorder.lastSequence();
      disk = Images.copy(path, directory.resolve("after"));
      lose(disk, path, sizes, random);
    }
    Flight after = new Flight(seed + 1000);
    try (Recorder recorder = open(disk)) {
      assertThat(recorder.epoch()).isGreaterThan(epoch);
      after.record(recorder, 1 + random.nextInt(5));

      // One that had read everything before the cut goes on with what came after it.
      List<Read> ahead = read(recorder, epoch, head + 1);
      assertThat(Gaps.without(ahead)).isEqualTo(after.written());
      assertThat(Gaps.of(ahead))
          .extracting(Gap::getReason)
          .containsExactly(Gap.Reason.UNCLEAN_STOP);

      // One that lagged gets all that was synced, of the rest what is left, each once, in order.
      List<Read> all = read(recorder, epoch, 1);
      List<Read> events = Gaps.without(all);
      assertThat(events.subList(0, synced)).isEqualTo(flight.written().subList(0, synced));
      List<Read> possible = new ArrayList<>(flight.written());
      possible.addAll(after.written());
      assertThat(possible).containsSubsequence(events);
      assertThat(events).endsWith(after.written().toArray(Read[]::new));
      List<Gap> gaps = Gaps.of(all);
      Gap cut =
          gaps.stream()
              .filter(gap -> gap.getReason() == Gap.Reason.UNCLEAN_STOP)
              .findFirst()
              .orElseThrow();
      for (Read lost : flight.written()) {
        assertThat(events.contains(lost) || cut.getFromTime() <= lost.time() || covers(gaps, lost))
            .as("seed=%d lost=%s gaps=%s", seed, lost, gaps)
            .isTrue();
      }
    }
  }

  @Test
  void shouldShowAWipedDiskAsALaterEpochOfTheSameNode() throws IOException {
    NodeId node = NodeId.random();
    Path path = directory.resolve("r");
    long epoch;
    try (Recorder recorder = Recorder.open(RecorderConfig.of(path).withNode(node))) {
      epoch = recorder.epoch();
      new Flight(1).record(recorder, 10);
    }
    try (Stream<Path> paths = Files.walk(path)) {
      for (Path each : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(each);
      }
    }
    Flight after = new Flight(2);
    try (Recorder recorder = Recorder.open(RecorderConfig.of(path).withNode(node))) {
      assertThat(recorder.epoch()).isGreaterThan(epoch);
      after.record(recorder, 10);
      List<Read> read = read(recorder, epoch, 40);
      assertThat(Gaps.of(read)).extracting(Gap::getReason).containsExactly(Gap.Reason.RETENTION);
      assertThat(read.get(0).epoch()).isEqualTo(epoch);
      assertThat(Gaps.without(read)).isEqualTo(after.written());
    }
  }

  /** Syncs only when it is told to. */
  private static Recorder open(Path path) throws IOException {
    return Recorder.open(
        RecorderConfig.of(path).withSegmentBytes(8_192).withSyncInterval(Duration.ofDays(1)));
  }

  private static Map<Path, Long> sizes(Path path) throws IOException {
    Map<Path, Long> sizes = new HashMap<>();
    try (Stream<Path> paths = Files.walk(path)) {
      for (Path file : paths.filter(p -> p.toString().endsWith(Segment.SUFFIX)).toList()) {
        sizes.put(path.relativize(file), Files.size(file));
      }
    }
    return sizes;
  }

  /**
   * Beyond what was synced each file keeps all, nothing, a part, a part in zeros, or is missing.
   */
  private static void lose(Path disk, Path original, Map<Path, Long> synced, Random random)
      throws IOException {
    for (Path name : sizes(original).keySet()) {
      Path file = disk.resolve(name.toString());
      long size = Files.size(file);
      long safe = synced.getOrDefault(name, 0L);
      long kept = safe + (long) (random.nextDouble() * (size - safe + 1));
      switch (random.nextInt(4)) {
        case 0 -> Images.cut(file, size - safe);
        case 1 -> Images.cut(file, size - kept);
        case 2 -> zero(file, kept, size);
        default -> {
          if (safe == 0) {
            Files.delete(file);
          }
        }
      }
    }
  }

  private static void zero(Path file, long from, long to) throws IOException {
    try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
      open.seek(from);
      open.write(new byte[(int) (to - from)]);
    }
  }

  private static boolean covers(List<Gap> gaps, Read event) {
    return gaps.stream()
        .anyMatch(
            gap ->
                gap.getReason() == Gap.Reason.DAMAGED
                    && gap.getLaneValue() == event.lane()
                    && gap.getFirstSequence() <= event.sequence()
                    && gap.getLastSequence() >= event.sequence());
  }

  private static List<Read> read(Recorder recorder, long epoch, long sequence) throws IOException {
    Position from = new Position(recorder.node(), epoch, sequence);
    try (RecorderReader reader = recorder.reader(from, Kinds.ALL)) {
      return Flight.drain(reader);
    }
  }
}
