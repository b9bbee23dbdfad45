package dev.interdict.benchmarks.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run that finds nothing proves nothing if its ledger cannot find anything. */
final class FaultLedgerTest {
  @TempDir Path directory;

  @Test
  void shouldFindNothingWhereAllIsThereOrInAGap() throws IOException {
    FaultLedger ledger =
        compare(
            "7 1 3 1000000000\n8 2 2 2000000000\n9 1",
            "e 7 1 1000000000\ne 7 2 1000000001\ng 7 3 DAMAGED 2 3 3 1\n"
                + "g 8 1 UNCLEAN_STOP 0 0 0 0\ne 8 2 2000000000\ne 8 3 2000000001\ne 8 ");
    assertThat(ledger.isComplete()).isTrue();
    assertThat(ledger.acknowledged()).isEqualTo(5);
    assertThat(ledger.delivered()).isEqualTo(4);
    assertThat(ledger.inGaps()).isEqualTo(1);
    assertThat(ledger.repeated()).isZero();
  }

  @Test
  void shouldFindWhatIsMissing() throws IOException {
    String acknowledged = "7 1 3 1000000000\n";
    assertThat(compare(acknowledged, "e 7 1 1000000000\ne 7 3 1000000002\n").missing())
        .isEqualTo(1);
    // What an unclean stop may have cost was never acknowledged.
    String stopped = "e 7 1 1000000000\ne 7 2 1000000001\ng 8 1 UNCLEAN_STOP 0 0 0 0\n";
    assertThat(compare(acknowledged, stopped).missing()).isEqualTo(1);
    assertThat(compare(acknowledged, "").missing()).isEqualTo(3);
  }

  @Test
  void shouldFindWhatCameTwiceOrOutOfOrder() throws IOException {
    String acknowledged = "7 1 2 1000000000\n";
    String twice = "e 7 1 1000000000\ne 7 2 1000000001\ne 8 1 1000000001\n";
    assertThat(compare(acknowledged, twice).repeated()).isEqualTo(1);
    String turned = "e 7 2 1000000001\ne 7 1 1000000000\n";
    assertThat(compare(acknowledged, turned).repeated()).isEqualTo(1);
  }

  private FaultLedger compare(String acknowledged, String delivered) throws IOException {
    Path first = directory.resolve("acknowledged");
    Path second = directory.resolve("events");
    Files.writeString(first, acknowledged);
    Files.writeString(second, delivered);
    return FaultLedger.compare(first, second);
  }
}
