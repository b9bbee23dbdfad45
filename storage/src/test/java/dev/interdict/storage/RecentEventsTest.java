package dev.interdict.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interdict.schema.Event;
import dev.interdict.schema.Kind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RecentEventsTest {
  private static final long HOUR = 3_600_000_000_000L;

  @TempDir private Path data;

  @Test
  void shouldCountOnceWhatTheArchiveHasToo() throws Exception {
    ArchiveFixture.write(data, "committed", ticks(1, 4));
    try (RecentEvents recent = RecentEvents.create()) {
      append(recent, 3, 6); // of the archive's hour: 3 and 4 are in both
      append(recent, 7, 8, HOUR);
      recent.finish();
      try (Query query = Query.open(data, QueryLimits.defaults(), null, recent)) {
        assertThat(sequences(query)).containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L);

        // It commits more, and a file of the listing goes, so that the question is asked anew.
        Path first = Catalog.files(new Catalog(data).events()).get(0);
        ArchiveFixture.write(data, "compacted", ticks(1, 6));
        Files.delete(first);
        assertThat(sequences(query)).containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L);
      }
    }
  }

  @Test
  void shouldDeleteThemWhenItIsClosed() throws Exception {
    RecentEvents recent = RecentEvents.create();
    append(recent, 1, 2);
    Path directory = recent.catalog().data();
    assertThat(directory.resolve("events")).exists();
    recent.close();
    assertThat(directory).doesNotExist();
  }

  @Test
  void shouldFindHowFarTheArchiveHasANode() throws Exception {
    ArchiveFixture.write(data, "committed", ticks(1, 4));
    Catalog catalog = new Catalog(data);
    String other = "1bffffff-0000-0000-0000-000000000000";
    assertThat(ArchivedHeads.of(catalog, Set.of(ArchiveFixture.NODE, other)))
        .isEqualTo(
            Map.of(ArchiveFixture.NODE, new ArchivedHeads.Head(2, 4, SampleEvents.START + 4)));
    assertThat(ArchivedHeads.of(new Catalog(data.resolve("none")), Set.of(other))).isEmpty();
  }

  private static List<Object> sequences(Query query) throws Exception {
    Answer answer = new Answer();
    query.run("SELECT sequence FROM events ORDER BY sequence", answer);
    return answer.rows.stream().map(row -> row.get("sequence")).toList();
  }

  private static List<Event> ticks(long first, long last) {
    List<Event> ticks = new ArrayList<>();
    for (long sequence = first; sequence <= last; sequence++) {
      ticks.add(tick(sequence, 0));
    }
    return ticks;
  }

  private static Event tick(long sequence, long later) {
    return Event.newBuilder()
        .setTime(SampleEvents.START + sequence + later)
        .setKind(Kind.TICK)
        .build();
  }

  private static void append(RecentEvents recent, long first, long last) throws Exception {
    append(recent, first, last, 0);
  }

  private static void append(RecentEvents recent, long first, long last, long later)
      throws Exception {
    for (long sequence = first; sequence <= last; sequence++) {
      Event tick = tick(sequence, later);
      byte[] bytes = tick.toByteArray();
      recent.append(
          ArchiveFixture.NODE_HI,
          ArchiveFixture.NODE_LO,
          2,
          sequence,
          tick.getTime(),
          bytes,
          0,
          bytes.length);
    }
  }
}
