package dev.interdict.benchmarks.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each fault once or twice; the long run is {@code ./interdict bench faults --minutes N}. */
final class FaultRunIT {
  private static final Duration LENGTH = Duration.ofSeconds(45);

  @TempDir Path directory;

  @Test
  void shouldDeliverEachAcknowledgedEventOnceOrTellAGap() throws Exception {
    long seed = Long.getLong("interdict.faults.seed", System.nanoTime());
    FaultRun.Result result;
    List<Fault> impossible;
    try (FaultRun run = new FaultRun(directory, seed, System.out)) {
      impossible = run.impossible();
      result = run.run(LENGTH);
    }
    assertThat(result.missing()).as("seed=%d %s", seed, result.summary()).isZero();
    assertThat(result.repeated()).as("seed=%d %s", seed, result.summary()).isZero();
    assertThat(result.acknowledged()).isGreaterThan(5_000);
    assertThat(result.delivered() + result.inGaps()).isGreaterThanOrEqualTo(result.acknowledged());
    // What could be tried held; what could not be is said.
    assumeTrue(
        impossible.isEmpty(), "needs root, namespaces, tmpfs and nft; not tried: " + impossible);
  }
}
