package dev.interdict.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Files with the columns that earlier versions wrote, as they are listed beside this test, answer
 * together with those of today. A list is never changed; a new one joins when columns do.
 */
final class SchemaEvolutionTest {
  @TempDir private Path data;

  @ParameterizedTest
  @ValueSource(strings = {"events-1", "events-2", "events-3", "events-4", "events-5"})
  void shouldReadEventsOfEarlierVersions(String schema) throws Exception {
    Path today = Intrusion.write(data);
    Path old = today.resolveSibling("old.parquet");
    assertThat(older(today, old, schema)).isPositive();
    long rows = 13;
    try (Query query = Query.open(data, QueryLimits.defaults())) {
      assertThat(query.warnings()).isEmpty();
      assertThat(ask(query, "SELECT count(*) FROM events").only()).isEqualTo(2 * rows);
      assertThat(ask(query, "SELECT count(http_method) FROM events").only()).isEqualTo(0L);
      assertThat(ask(query, "SELECT count(*) FROM events WHERE process_exe = '/tmp/.x'").only())
          .isEqualTo(12L);
      assertThat(ask(query, "SELECT sum(audit_status) FROM events").rows).hasSize(1);
      assertThat(ask(query, "FROM ocsf_process_activity").rows).hasSize(10);
      assertThat(ask(query, "FROM process_tree(100)").rows).hasSize(3);
    }
    Catalog catalog = new Catalog(data);
    new Compaction(catalog, 2, Long.MAX_VALUE, Duration.ZERO).run(Instant.now(), line -> {});
    assertThat(Catalog.files(catalog.events())).hasSize(1);
    assertThat(Answer.to(data, "SELECT count(*) FROM events").only()).isEqualTo(2 * rows);
  }

  @ParameterizedTest
  @ValueSource(strings = {"alerts-1", "alerts-2"})
  void shouldReadAlertsOfEarlierVersions(String schema) throws Exception {
    Intrusion.write(data);
    Path today = Catalog.files(new Catalog(data).alerts()).get(0);
    older(today, today.resolveSibling("old.parquet"), schema);
    Files.delete(today);
    assertThat(Answer.to(data, "SELECT id, count, incident_id FROM alerts").rows)
        .singleElement()
        .satisfies(
            row ->
                assertThat(row)
                    .containsEntry("id", Intrusion.ALERT)
                    .containsEntry("count", null)
                    .containsEntry("incident_id", null));
    assertThat(Retention.incidents(new Catalog(data), Duration.ofHours(1))).hasSize(1);
  }

  /** How many columns of today it leaves out. */
  private static int older(Path today, Path old, String schema) throws IOException {
    List<String> columns;
    try (InputStream list =
        SchemaEvolutionTest.class.getResourceAsStream("schemas/" + schema + ".txt")) {
      columns = new String(list.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    }
    String table = schema.substring(0, schema.indexOf('-'));
    int now = (table.equals("events") ? EventColumns.SCHEMA : AlertColumns.SCHEMA).getFieldCount();
    Engine.run(
        old.resolveSibling(".spill"),
        statement ->
            statement.execute(
                "COPY (SELECT "
                    + String.join(", ", columns.stream().map(name -> '"' + name + '"').toList())
                    + " FROM read_parquet("
                    + Tables.literal(today.toString())
                    + ", hive_partitioning = false)) TO "
                    + Tables.literal(old.toString())
                    + " (FORMAT parquet, KV_METADATA {'"
                    + ParquetFiles.TABLE_KEY
                    + "': '"
                    + table
                    + "', '"
                    + ParquetFiles.SCHEMA_KEY
                    + "': '1'})"));
    return now - columns.size();
  }

  private static Answer ask(Query query, String sql) throws Exception {
    Answer answer = new Answer();
    query.run(sql, answer);
    return answer;
  }
}
