package dev.interdict.record;

import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Hostile frames and segments. In an ordinary run: the seeds, and some thousand mutations of them.
 * With JAZZER_FUZZ=1 in the environment one method at a time is fuzzed with coverage as a guide.
 */
final class RecordFuzzTest {
  private static final long SEED = Long.getLong("interdict.fuzz.seed", 42);

  /** By number and not by time, so that every machine tries the same. */
  private static final int FRAMES = Integer.getInteger("interdict.fuzz.rounds", 20_000);

  private static final int SEGMENTS = FRAMES / 10;
  private static final Duration HANGS = Duration.ofMinutes(Math.max(2, FRAMES / 10_000));

  @TempDir static Path directory;

  static List<byte[]> frames() {
    return Fuzzing.frames();
  }

  static List<byte[]> segments() {
    return Fuzzing.segments();
  }

  @MethodSource("frames")
  @FuzzTest(maxDuration = "10m")
  void fuzzFrame(byte[] frame) {
    Fuzzing.decode(frame);
  }

  @MethodSource("segments")
  @FuzzTest(maxDuration = "10m")
  void fuzzSegment(byte[] segment) throws IOException {
    Fuzzing.readSegment(segment, Files.createDirectories(directory.resolve("fuzz")));
  }

  @Test
  void shouldRefuseMutatedFrames() {
    List<byte[]> seeds = Fuzzing.frames();
    Random random = new Random(SEED);
    assertTimeoutPreemptively(
        HANGS,
        () -> {
          for (int round = 0; round < FRAMES; round++) {
            Fuzzing.decode(Fuzzing.mutate(seeds.get(random.nextInt(seeds.size())), random));
          }
        });
  }

  @Test
  void shouldReadMutatedSegmentsToTheirEnd() {
    List<byte[]> seeds = Fuzzing.segments();
    Random random = new Random(SEED);
    assertTimeoutPreemptively(
        HANGS,
        () -> {
          for (int round = 0; round < SEGMENTS; round++) {
            byte[] segment = Fuzzing.mutate(seeds.get(random.nextInt(seeds.size())), random);
            Fuzzing.readSegment(segment, directory);
          }
        });
  }
}
