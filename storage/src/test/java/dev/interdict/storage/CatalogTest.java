package dev.interdict.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CatalogTest {
  @TempDir private Path data;

  @Test
  void shouldListFinishedFilesInOrder() throws IOException {
    Path events = new Catalog(data).events();
    assertThat(Catalog.files(events)).isEmpty();
    Path second = file(events.resolve("date=2026-11-22/hour=01/b.parquet"));
    Path first = file(events.resolve("date=2026-11-22/hour=00/a.parquet"));
    file(events.resolve("date=2026-11-22/hour=00/.a.parquet.inprogress.7"));
    file(events.resolve("date=2026-11-22/hour=00/_a.parquet"));
    file(events.resolve(".staging/c.parquet"));
    file(events.resolve("date=2026-11-22/readme.txt"));
    assertThat(Catalog.files(events)).containsExactly(first, second);
  }

  @Test
  void shouldSweepOnlyOldUnfinishedFiles() throws IOException {
    Path events = new Catalog(data).events();
    Instant now = Instant.parse("2026-11-22T12:00:00Z");
    Path old = file(events.resolve("date=2026-11-22/.part-0.inprogress.1"));
    Path young = file(events.resolve("date=2026-11-22/.part-1.inprogress.2"));
    Path finished = file(events.resolve("date=2026-11-22/part-2.parquet"));
    Files.setLastModifiedTime(old, FileTime.from(now.minusSeconds(1)));
    Files.setLastModifiedTime(young, FileTime.from(now));
    Files.setLastModifiedTime(finished, FileTime.from(now.minusSeconds(1)));

    assertThat(Catalog.sweep(events, now)).containsExactly(old);
    assertThat(old).doesNotExist();
    assertThat(young).exists();
    assertThat(finished).exists();
  }

  @Test
  void shouldPlaceAnEventByItsHourAndNode() {
    long lastNanosecond = 1_795_305_599_999_999_999L;
    assertThat(Partition.of(lastNanosecond, 0x0b9d6bcd_00000000L))
        .isEqualTo("date=2026-11-21/hour=23/node_prefix=0b");
    assertThat(Partition.of(-1, -1)).isEqualTo("date=1969-12-31/hour=23/node_prefix=ff");
    assertThat(Partition.date(lastNanosecond + 1)).isEqualTo("date=2026-11-22");

    Partition partition = new Partition();
    for (long[] event :
        new long[][] {
          {lastNanosecond, 1L << 32},
          {lastNanosecond + 1, 1L << 32},
          {lastNanosecond + 1, 2L << 32},
          {lastNanosecond, 2L << 32}
        }) {
      assertThat(partition.path(event[0], event[1])).isEqualTo(Partition.of(event[0], event[1]));
    }
  }

  private static Path file(Path path) throws IOException {
    Files.createDirectories(path.getParent());
    return Files.createFile(path);
  }
}
