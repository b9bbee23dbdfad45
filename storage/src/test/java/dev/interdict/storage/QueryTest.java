package dev.interdict.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.interdict.schema.Alert;
import dev.interdict.schema.Event;
import dev.interdict.schema.Kind;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class QueryTest {
  private static final String ENDLESS =
      "SELECT count(*) FROM range(1000000000000) a WHERE hash(a.range) = 1";

  @TempDir private Path data;

  @Test
  void shouldAnswerWithNoRowsBeforeThereAreEvents() throws Exception {
    try (Query query = Query.open(data, QueryLimits.defaults())) {
      Answer answer = new Answer();
      query.run(
          "SELECT time, process_exe, exec_fds FROM events WHERE date > DATE '2026-01-01'", answer);
      assertThat(answer.rows).isEmpty();
      assertThat(answer.ended).isTrue();
      assertThat(query.isEmpty()).isTrue();
    }
    assertThat(Answer.to(data, "SELECT count(*) FROM gaps").only()).isEqualTo(0L);
    assertThat(Answer.to(data, "SELECT count(*) FROM alerts").only()).isEqualTo(0L);
  }

  @Test
  void shouldNameADataDirectoryThatIsNotThere() {
    assertThatThrownBy(() -> Query.open(data.resolve("none"), QueryLimits.defaults()))
        .isInstanceOf(QueryException.class)
        .hasMessage("no data directory: " + data.resolve("none"));
  }

  @Test
  void shouldCompareTimesWithTextsWithNowAndWithEachOther() throws Exception {
    ArchiveFixture.write(data, "a", SampleEvents.full());
    String sql =
        "SELECT bool_and(time >= '2026-11-22') AND bool_and(time < now() + INTERVAL 100 YEAR)"
            + " AND bool_and(time < current_timestamp() + INTERVAL 100 YEAR)"
            + " AND max(time) - min(time) < INTERVAL 1 SECOND"
            + " AND bool_and(date_trunc('hour', time) = TIMESTAMP '2026-11-22 00:00:00')"
            + " AND bool_and(date = DATE '2026-11-22') AND bool_and(hour = '00') FROM events";
    assertThat(Answer.to(data, sql).only()).isEqualTo(true);
  }

  @Test
  void shouldLeaveOutForeignTruncatedAndUnfinishedFilesAndNameThem() throws Exception {
    Path whole = ArchiveFixture.write(data, "whole", SampleEvents.full());
    byte[] bytes = Files.readAllBytes(whole);
    Path truncated = whole.resolveSibling("truncated.parquet");
    Files.write(truncated, Arrays.copyOf(bytes, bytes.length / 2));
    Path empty = Files.createFile(whole.resolveSibling("empty.parquet"));
    Path foreign = Files.copy(alerts(), whole.resolveSibling("foreign.parquet"));
    Path misplaced = Files.copy(whole, new Catalog(data).events().resolve("misplaced.parquet"));
    Files.copy(whole, whole.resolveSibling(".part-0.parquet.inprogress.1"));
    Files.copy(truncated, whole.resolveSibling(".hidden.parquet"));
    Files.createSymbolicLink(whole.resolveSibling("link.parquet"), whole);

    try (Query query = Query.open(data, QueryLimits.defaults())) {
      Answer answer = new Answer();
      query.run("SELECT count(*) FROM events", answer);
      assertThat(answer.only()).isEqualTo((long) SampleEvents.full().size());
      assertThat(query.warnings())
          .hasSize(4)
          .anySatisfy(w -> assertThat(w).contains(truncated.toRealPath().toString(), "truncated"))
          .anySatisfy(w -> assertThat(w).contains(empty.toRealPath().toString(), "size=0"))
          .anySatisfy(w -> assertThat(w).contains(foreign.toRealPath().toString(), "table alerts"))
          .anySatisfy(w -> assertThat(w).contains(misplaced.toRealPath().toString(), "partition"));
    }
  }

  @Test
  void shouldNameTheFileThatIsDamagedInside() throws Exception {
    Path file = ArchiveFixture.write(data, "damaged", SampleEvents.full());
    byte[] bytes = Files.readAllBytes(file);
    Arrays.fill(bytes, 4, footer(bytes), (byte) 0x5a);
    Files.write(file, bytes);
    QueryException failure =
        catchThrowableOfType(
            QueryException.class, () -> Answer.to(data, "SELECT process_exe, node FROM events"));
    assertThat(failure.reason()).isEqualTo(QueryException.Reason.DATA);
    assertThat(failure).hasMessageContaining(file.toRealPath().toString());
  }

  @Test
  void shouldLeaveOutAFileWithADamagedFooterAndSayWhy() throws Exception {
    ArchiveFixture.write(data, "whole", SampleEvents.full());
    Path file = ArchiveFixture.write(data, "damaged", SampleEvents.full());
    byte[] bytes = Files.readAllBytes(file);
    Arrays.fill(bytes, footer(bytes), footer(bytes) + 100, (byte) 0x5a);
    Files.write(file, bytes);
    try (Query query = Query.open(data, QueryLimits.defaults())) {
      Answer answer = new Answer();
      query.run("SELECT count(*) FROM events", answer);
      assertThat(answer.only()).isEqualTo((long) SampleEvents.full().size());
      assertThat(query.warnings())
          .singleElement()
          .asString()
          .contains(file.toRealPath().toString(), "damaged footer");
    }
  }

  /** Where it begins. */
  private static int footer(byte[] file) {
    int length = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getInt(file.length - 8);
    return file.length - 8 - length;
  }

  @Test
  void shouldReadAFileThatWasReplacedSinceItWasListed() throws Exception {
    Path first = ArchiveFixture.write(data, "first", SampleEvents.full());
    try (Query query = Query.open(data, QueryLimits.defaults())) {
      Files.move(first, first.resolveSibling("compacted.parquet"), StandardCopyOption.ATOMIC_MOVE);
      Answer answer = new Answer();
      query.run("SELECT count(DISTINCT process_exe), count(*) AS n FROM events", answer);
      assertThat(answer.rows.get(0)).containsEntry("n", (long) SampleEvents.full().size());
    }
  }

  @Test
  void shouldExplainAWrongQuestion() {
    assertThatThrownBy(() -> Answer.to(data, "SELECT proces_exe FROM events"))
        .isInstanceOf(QueryException.class)
        .hasMessageContaining("proces_exe")
        .hasMessageContaining("process_exe");
    assertThatThrownBy(() -> Answer.to(data, "SELEC 1"))
        .isInstanceOf(QueryException.class)
        .hasMessageContaining("syntax error at or near \"SELEC\"");
    assertThatThrownBy(() -> Answer.to(data, "SELECT * FROM nowhere"))
        .isInstanceOf(QueryException.class)
        .hasMessageContaining("nowhere");
    assertThatThrownBy(() -> Answer.to(data, "  -- nothing\n"))
        .isInstanceOf(QueryException.class)
        .hasMessageContaining("statements=0");
    assertThatThrownBy(() -> Answer.to(data, "SELECT 1; SELECT 2"))
        .isInstanceOf(QueryException.class)
        .hasMessageContaining("statements=2");
  }

  @Test
  void shouldDescribeExplainAndSummarize() throws Exception {
    ArchiveFixture.write(data, "a", SampleEvents.full());
    assertThat(Answer.to(data, "DESCRIBE events").rows)
        .extracting(row -> row.get("column_name"))
        .contains("node", "process_exe", "raw", "date");
    assertThat(Answer.to(data, "EXPLAIN SELECT * FROM events").rows).isNotEmpty();
    assertThat(Answer.to(data, "explain analyze SELECT count(*) FROM events").rows).isNotEmpty();
    assertThat(Answer.to(data, "SUMMARIZE SELECT kind FROM events").rows).hasSize(1);
    assertThat(Answer.to(data, "SHOW TABLES").rows)
        .extracting(row -> row.get("name"))
        .contains("alerts", "connections", "events", "gaps", "incidents", "nodes", "processes");
  }

  @Test
  void shouldStopAtTheTimeout() throws Exception {
    QueryLimits limits = new QueryLimits(Duration.ofMillis(50), 256L << 20, 1);
    for (String sql : List.of(ENDLESS, "SELECT * FROM range(1000000000000)")) {
      try (Query query = Query.open(data, limits)) {
        QueryException failure =
            catchThrowableOfType(QueryException.class, () -> query.run(sql, new Discard()));
        assertThat(failure.reason()).isEqualTo(QueryException.Reason.LIMIT);
        assertThat(failure).hasMessageContaining("timeout=50ms");
        Answer next = new Answer();
        query.run("SELECT 1", next);
        assertThat(next.only()).isEqualTo(1);
      }
    }
  }

  @Test
  void shouldStopWhenCancelled() throws Exception {
    try (Query query = Query.open(data, QueryLimits.defaults())) {
      Discard sink =
          new Discard() {
            @Override
            public void row(Object[] values) {
              query.cancel();
            }
          };
      QueryException failure =
          catchThrowableOfType(
              QueryException.class, () -> query.run("SELECT * FROM range(1000000000000)", sink));
      assertThat(failure.reason()).isEqualTo(QueryException.Reason.CANCELLED);
    }
  }

  @Test
  void shouldStopAtTheMemoryLimit() throws Exception {
    try (Query query = Query.open(data, new QueryLimits(Duration.ofSeconds(30), 64L << 20, 1))) {
      QueryException failure =
          catchThrowableOfType(
              QueryException.class,
              () ->
                  query.run(
                      "SELECT range FROM range(20000000) ORDER BY hash(range)", new Discard()));
      assertThat(failure.reason()).isEqualTo(QueryException.Reason.LIMIT);
      assertThat(failure).hasMessageContaining("memory=64MiB");
    }
  }

  @Test
  void shouldShowGapsAndAlerts() throws Exception {
    ArchiveFixture.write(data, "a", SampleEvents.full());
    alerts();
    assertThat(Answer.to(data, "SELECT reason, lane, count, counted, from_time FROM gaps").rows)
        .containsExactly(
            Map.of(
                "reason", "ring_full",
                "lane", "file",
                "count", 99L,
                "counted", true,
                "from_time", "2026-11-22T00:00:00Z"));
    assertThat(
            Answer.to(
                    data,
                    "SELECT a.id, a.level, a.techniques, a.entity_process_id, e.kind, e.process_exe"
                        + " FROM alerts a, unnest(a.evidence) AS u(v), events e"
                        + " WHERE e.node = v.node AND e.epoch = v.epoch AND e.sequence = v.sequence")
                .rows)
        .singleElement()
        .satisfies(
            row ->
                assertThat(row)
                    .containsEntry("id", "00ff")
                    .containsEntry("level", "high")
                    .containsEntry("techniques", List.of("T1059.004", "T1003"))
                    .containsEntry("kind", "open")
                    .hasEntrySatisfying(
                        "entity_process_id",
                        id -> assertThat(id).hasToString("18446744073709551615")));
  }

  private Path alerts() throws IOException {
    Path file =
        new Catalog(data)
            .alerts()
            .resolve(Partition.date(SampleEvents.START))
            .resolve("a" + Catalog.FILE_SUFFIX);
    Files.createDirectories(file.getParent());
    try (OutputStream out = Files.newOutputStream(file)) {
      AlertParquetWriter writer = AlertParquetWriter.open(out);
      Event event = SampleEvents.full().get(3);
      assertThat(event.getKind()).isEqualTo(Kind.OPEN);
      Alert.Builder alert =
          Alert.newBuilder()
              .setId("00ff")
              .setTime(event.getTime())
              .setLevelValue(4)
              .addTechniques("T1059.004")
              .addTechniques("T1003");
      alert.getEntityBuilder().setProcessId(-1).getContainerBuilder().setId("c");
      alert
          .addEvidenceBuilder()
          .setStep("read")
          .setEvent(event)
          .getPositionBuilder()
          .setNode(ArchiveFixture.NODE)
          .setEpoch(2)
          .setSequence(4);
      writer.append(alert.build());
      writer.finish();
    }
    return file;
  }

  private static class Discard implements RowSink {
    @Override
    public void begin(List<Column> columns) {}

    @Override
    public void row(Object[] values) {}

    @Override
    public void end() {}
  }
}
