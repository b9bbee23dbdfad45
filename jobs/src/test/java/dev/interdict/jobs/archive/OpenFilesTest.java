package dev.interdict.jobs.archive;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.flink.streaming.api.functions.sink.filesystem.PartFileInfo;
import org.junit.jupiter.api.Test;

class OpenFilesTest {
  private final OpenFiles<String> policy = new OpenFiles<>();

  private record Part(long lastUpdate) implements PartFileInfo<String> {
    @Override
    public String getBucketId() {
      return "date=2026-11-27/hour=01/node_prefix=0a";
    }

    @Override
    public long getCreationTime() {
      return 0;
    }

    @Override
    public long getSize() {
      return 0;
    }

    @Override
    public long getLastUpdateTime() {
      return lastUpdate;
    }
  }

  /** How many of these are ended at a look. */
  private int look(long now, int busy, int idle) {
    int ended = 0;
    for (int i = 0; i < busy + idle; i++) {
      ended += policy.shouldRollOnProcessingTime(new Part(i < busy ? now : 0), now) ? 1 : 0;
    }
    return ended;
  }

  @Test
  void shouldEndIdleFilesOnlyWhereManyAreOpen() {
    assertThat(look(10_000, 100, 2_000)).as("nothing is known before the first look").isZero();
    assertThat(look(11_000, 100, 2_000)).isEqualTo(2_000);
    assertThat(look(12_000, 100, 100)).as("as many were open before").isEqualTo(100);
    assertThat(look(13_000, 100, 100)).as("few are open").isZero();
    assertThat(look(14_000, OpenFiles.MANY, 0)).isZero();
    assertThat(look(15_000, OpenFiles.MANY + 1, 1)).as("256 are not many").isZero();
    assertThat(policy.shouldRollOnEvent(new Part(0), "element")).isFalse();
    assertThat(policy.shouldRollOnCheckpoint(new Part(0))).isTrue();
  }
}
