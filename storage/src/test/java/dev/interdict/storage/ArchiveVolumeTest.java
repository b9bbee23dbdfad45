package dev.interdict.storage;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.Zstd;
import java.io.ByteArrayOutputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Says what the archive costs here; it asserts only what does not depend on the machine. */
final class ArchiveVolumeTest {
  private static final int EVENTS = 100_000;

  @TempDir private Path data;

  @Test
  void shouldHoldAHundredThousandEventsInFewBytes() throws Exception {
    SampleEvents source = new SampleEvents(1);
    List<byte[]> events = new ArrayList<>(EVENTS);
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    long raw = 0;
    for (int i = 0; i < EVENTS; i++) {
      byte[] event = source.next().toByteArray();
      events.add(event);
      block.write(event);
      if (block.size() > 1 << 20 || i == EVENTS - 1) {
        raw += Zstd.compress(block.toByteArray(), 3).length;
        block.reset();
      }
    }
    long begin = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    Path file = ArchiveFixture.writeEncoded(data, "volume", events);
    double seconds = (ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - begin) / 1e9;
    System.out.printf(
        "archive: rows_per_second_per_core=%.0f bytes_per_event=%.1f (the events alone: %.1f, with"
            + " zstd %.1f), cold%n",
        EVENTS / seconds,
        (double) Files.size(file) / EVENTS,
        events.stream().mapToInt(e -> e.length).average().orElseThrow(),
        (double) raw / EVENTS);

    assertThat(Answer.to(data, "SELECT count(DISTINCT sequence) FROM events").only())
        .isEqualTo((long) EVENTS);
    assertThat(Files.size(file)).isLessThan(60L * EVENTS);
  }
}
