package dev.interdict.storage;

import static dev.interdict.storage.PositionAudit.Epoch.UNKNOWN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interdict.schema.Event;
import dev.interdict.schema.Gap;
import dev.interdict.schema.Kind;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Compaction, retention, verification and figures of an archive. */
final class UpkeepTest {
  private static final Instant HOUR = Instant.ofEpochSecond(SampleEvents.START / 1_000_000_000L);
  private static final long HI = ArchiveFixture.NODE_HI;

  @TempDir private Path data;

  @Test
  void shouldCompactSmallFilesWithoutAReaderNoticing() throws Exception {
    SampleEvents source = new SampleEvents(3);
    List<Path> small = new ArrayList<>();
    for (int file = 4; file >= 0; file--) {
      List<Event> events = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        events.add(source.next());
      }
      small.add(write(HOUR, HI, file * 40 + 1, events));
    }
    String sum = "SELECT count(*) AS n, sum(hash(e))::VARCHAR AS sum FROM (SELECT * FROM events) e";
    Answer before = Answer.to(data, sum);
    Catalog catalog = new Catalog(data);
    Compaction lazy = new Compaction(catalog, 2, Long.MAX_VALUE, Duration.ofMinutes(10));
    Instant now = Instant.now();
    try (Query reader = Query.open(data, QueryLimits.defaults())) {
      Compaction.Result result = lazy.run(now, line -> {});
      assertThat(result.files()).isEqualTo(5);
      assertThat(result.rows()).isEqualTo(200);
      assertThat(result.deleted()).isZero();
      assertThat(small).allMatch(Files::exists);
      Answer during = new Answer();
      reader.run(sum, during);
      assertThat(during.rows).isEqualTo(before.rows);
      assertThat(Answer.to(data, sum).rows).isEqualTo(before.rows);
      assertThat(Catalog.files(catalog.events())).hasSize(1);

      assertThat(lazy.run(now.plus(Duration.ofDays(1)), line -> {}).deleted()).isEqualTo(5);
      assertThat(small).noneMatch(Files::exists);
      Answer after = new Answer();
      reader.run(sum, after);
      assertThat(after.rows).isEqualTo(before.rows);
    }
    assertThat(Catalog.replacements(catalog.events())).isEmpty();
    assertThat(
            Answer.to(
                    data,
                    "SELECT count(*) FROM (SELECT sequence < lag(sequence) OVER () AS back FROM"
                        + " events) WHERE back")
                .only())
        .isEqualTo(0L);
    assertThat(audit(catalog)).allMatch(PositionAudit.Epoch::complete);
  }

  @Test
  void shouldLayOutWhatItCompactsAsTheArchiveWriterDoes() throws Exception {
    List<Event> all = new ArrayList<>();
    for (int i = 0; i < 12_000; i++) { // more paths than a dictionary takes
      Event.Builder event = Event.newBuilder().setTime(SampleEvents.START + i).setKind(Kind.EXEC);
      event.getProcessBuilder().setExe("/srv/" + "d".repeat(150) + "/" + i).setPid(i % 9);
      all.add(event.build());
    }
    for (int file = 0; file < 4; file++) {
      write(HOUR, HI, file * 3_000 + 1, all.subList(file * 3_000, (file + 1) * 3_000));
    }
    Path whole = data.resolve("whole.parquet");
    Files.move(write(HOUR, HI, 1, all), whole);
    Catalog catalog = new Catalog(data);
    new Compaction(catalog, 2, Long.MAX_VALUE, Duration.ZERO).run(Instant.now(), line -> {});
    Path compacted = Catalog.files(catalog.events()).get(0);
    List<String> layout = layout(compacted);
    assertThat(layout).isEqualTo(layout(whole));
    assertThat(layout).anyMatch(column -> column.startsWith("process_exe bloom"));
  }

  /** Of each column: bloom filter, encodings, minimum and maximum, as the footer says. */
  private static List<String> layout(Path file) throws IOException {
    return Engine.run(
        file.resolveSibling(".spill"),
        statement -> {
          List<String> columns = new ArrayList<>();
          try (ResultSet rows =
              statement.executeQuery(
                  "SELECT path_in_schema || CASE WHEN bloom_filter_offset IS NULL THEN ' '"
                      + " ELSE ' bloom ' END || encodings || ' ' || coalesce(stats_min_value, '-')"
                      + " || ' ' || coalesce(stats_max_value, '-') FROM parquet_metadata('"
                      + file
                      + "')")) {
            while (rows.next()) {
              columns.add(rows.getString(1));
            }
          }
          return columns;
        });
  }

  @Test
  void shouldLetOneUpkeepAtATimeTouchAnArchive() throws Exception {
    Path file = write(HOUR, HI, 1, SampleEvents.full());
    Path torn = Files.createFile(file.resolveSibling(".compact-1.parquet.inprogress"));
    Catalog catalog = new Catalog(data);
    Compaction compaction = new Compaction(catalog, 2, Long.MAX_VALUE, Duration.ZERO);
    try (UpkeepLock lock = UpkeepLock.take(catalog, "compaction")) {
      assertThatThrownBy(() -> compaction.run(Instant.now(), line -> {}))
          .hasMessageContaining("another upkeep works on " + data + " (compaction, pid ");
      assertThatThrownBy(
              () -> Retention.run(catalog, HOUR, Duration.ZERO, 0, List.of(), false, line -> {}))
          .hasMessageContaining("run this one when it has ended");
    }
    assertThat(torn).exists();
    compaction.run(Instant.now(), line -> {});
    assertThat(torn).as("left by one that was killed").doesNotExist();
    assertThat(file).exists();
  }

  @Test
  void shouldReplaceNothingWhereCompactionEndedBeforeTheSwitch() throws Exception {
    Path file = write(HOUR, HI, 1, SampleEvents.full());
    Replacement.write(file.resolveSibling("compact-1.parquet"), List.of(file));
    Catalog catalog = new Catalog(data);
    assertThat(Catalog.files(catalog.events())).containsExactly(file);
    new Compaction(catalog, 2, Long.MAX_VALUE, Duration.ZERO).run(Instant.now(), line -> {});
    assertThat(Catalog.files(catalog.events())).containsExactly(file);
    assertThat(Catalog.replacements(catalog.events())).isEmpty();
  }

  @Test
  void shouldTellDoubledMissingAndExplainedPositions() throws Exception {
    Event tick = Event.newBuilder().setTime(SampleEvents.START).setKind(Kind.TICK).build();
    Event gap =
        Event.newBuilder()
            .setTime(SampleEvents.START)
            .setKind(Kind.GAP)
            .setGap(Gap.newBuilder().setFirstSequence(5).setLastSequence(7).setCount(3))
            .build();
    write(HOUR, HI, 1, List.of(tick, tick, tick, tick)); // 1 to 4
    write(HOUR, HI, 8, List.of(gap, tick)); // 8, 9
    Catalog catalog = new Catalog(data);
    PositionAudit.Epoch whole =
        new PositionAudit.Epoch(ArchiveFixture.NODE, 1, 6, 1, 9, 0, 3, 0, 0, UNKNOWN, 0);
    assertThat(audit(catalog)).containsExactly(whole);
    assertThat(whole.complete()).isTrue();

    write(HOUR, HI, 4, List.of(tick)); // again
    write(HOUR, HI, 20, List.of(tick));
    PositionAudit.Epoch broken =
        new PositionAudit.Epoch(ArchiveFixture.NODE, 1, 8, 1, 20, 1, 3, 10, 10, UNKNOWN, 0);
    assertThat(audit(catalog)).containsExactly(broken);
    assertThat(broken.complete()).isFalse();
  }

  @Test
  void shouldTellWhatTheRecorderHasBeyondTheEndOfTheArchive() throws Exception {
    Event tick = Event.newBuilder().setTime(SampleEvents.START).setKind(Kind.TICK).build();
    Event gap =
        Event.newBuilder()
            .setTime(SampleEvents.START)
            .setKind(Kind.GAP)
            .setGap(Gap.newBuilder().setFirstSequence(3).setLastSequence(6).setCount(4))
            .build();
    write(HOUR, HI, 1, List.of(tick, tick, gap)); // to 6
    Catalog catalog = new Catalog(data);
    String node = ArchiveFixture.NODE;
    assertThat(audit(catalog, new PositionAudit.Recorded(node, 1, 1, 6)))
        .containsExactly(new PositionAudit.Epoch(node, 1, 3, 1, 3, 0, 0, 0, 0, 6, 0));

    String other = "00000000-0000-0000-0000-000000000001";
    assertThat(
            audit(
                catalog,
                new PositionAudit.Recorded(node, 1, 1, 10),
                new PositionAudit.Recorded(node, 2, 1, 0), // nothing yet
                new PositionAudit.Recorded(node, 3, 1, 5),
                new PositionAudit.Recorded(other, 1, 11, 20)))
        .containsExactly(
            new PositionAudit.Epoch(other, 1, 0, 0, 0, 0, 0, 0, 0, 20, 10),
            new PositionAudit.Epoch(node, 1, 3, 1, 3, 0, 0, 0, 0, 10, 4),
            new PositionAudit.Epoch(node, 3, 0, 0, 0, 0, 0, 0, 0, 5, 5))
        .noneMatch(PositionAudit.Epoch::complete);
  }

  @Test
  void shouldRetainByAgeAndSizeButHoldWhatAnIncidentNeeds() throws Exception {
    Catalog catalog = new Catalog(data);
    List<Path> files = new ArrayList<>();
    for (int hour = 0; hour < 4; hour++) {
      files.add(write(HOUR.plus(Duration.ofHours(hour)), HI, 1, SampleEvents.full()));
    }
    Path other = write(HOUR, 0x11111111_00000000L, 1, SampleEvents.full());
    Instant now = HOUR.plus(Duration.ofHours(4));
    List<Retention.Hold> hold =
        List.of(new Retention.Hold(HOUR.plusSeconds(60), HOUR.plusSeconds(120), "1b"));

    Retention.Result dry =
        Retention.run(catalog, now, Duration.ofHours(2), 0, hold, true, line -> {});
    assertThat(files).allMatch(Files::exists);
    Retention.Result aged =
        Retention.run(catalog, now, Duration.ofHours(2), 0, hold, false, line -> {});
    assertThat(aged).isEqualTo(dry);
    assertThat(aged.held()).isEqualTo(1);
    assertThat(files.get(0)).exists();
    assertThat(files.get(1)).doesNotExist();
    assertThat(files.get(2)).exists();
    assertThat(other).doesNotExist();

    long size = Files.size(files.get(0));
    Retention.Result sized = Retention.run(catalog, now, null, 2 * size, hold, false, line -> {});
    assertThat(sized.kept()).isEqualTo(2 * size);
    assertThat(Catalog.files(catalog.events())).containsExactly(files.get(0), files.get(3));
  }

  @Test
  void shouldHoldTheHoursOfIncidents() throws Exception {
    Path file = Intrusion.write(data);
    Catalog catalog = new Catalog(data);
    List<Retention.Hold> holds = Retention.incidents(catalog, Duration.ofHours(1));
    assertThat(holds).hasSize(1);
    Instant later = HOUR.plus(Duration.ofDays(400));
    assertThat(
            Retention.run(catalog, later, Duration.ofDays(1), 0, holds, false, line -> {}).held())
        .isEqualTo(1);
    assertThat(file).exists();
    Retention.run(catalog, later, Duration.ofDays(1), 0, List.of(), false, line -> {});
    assertThat(file).doesNotExist();
  }

  @Test
  void shouldCountFilesRowsAndBytes() throws Exception {
    Path file = Intrusion.write(data);
    Files.writeString(file.resolveSibling("foreign.parquet"), "not Parquet at all");
    ArchiveStats.TableStats events = ArchiveStats.of(new Catalog(data)).get(0);
    assertThat(events.rows()).isEqualTo(13);
    assertThat(events.files()).isEqualTo(1);
    assertThat(events.unusable()).isEqualTo(1);
    assertThat(events.bytes()).isEqualTo(Files.size(file));
    assertThat(events.first()).isEqualTo(events.last()).startsWith("date=2026-11-22/hour=00");
  }

  private static List<PositionAudit.Epoch> audit(
      Catalog catalog, PositionAudit.Recorded... recorded) throws IOException {
    return PositionAudit.run(catalog, List.of(recorded), line -> {}, line -> {});
  }

  private Path write(Instant hour, long nodeHi, long firstSequence, List<Event> events)
      throws IOException {
    Path directory =
        new Catalog(data)
            .events()
            .resolve(Partition.of(hour.getEpochSecond() * 1_000_000_000L, nodeHi));
    Files.createDirectories(directory);
    Path file = directory.resolve("part-" + firstSequence + "-" + events.size() + ".parquet");
    try (OutputStream out = Files.newOutputStream(file)) {
      EventParquetWriter writer = EventParquetWriter.open(out);
      long sequence = firstSequence;
      for (Event event : events) {
        byte[] bytes = event.toByteArray();
        writer.append(nodeHi, ArchiveFixture.NODE_LO, 1, sequence++, bytes, 0, bytes.length);
      }
      writer.finish();
    }
    return file;
  }
}
