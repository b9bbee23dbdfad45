package dev.interdict.e2e.archive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interdict.storage.Answer;
import dev.interdict.storage.ArchiveDdl;
import dev.interdict.storage.ArchiveFixture;
import dev.interdict.storage.Intrusion;
import dev.interdict.storage.SampleEvents;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.TableEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.flink.types.Row;
import org.apache.flink.util.CloseableIterator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The same files, the same questions: by Flink SQL on two task managers, and by DuckDB. */
final class FlinkSqlTest {
  private static final int EVENTS = 50_000;

  @RegisterExtension
  static final MiniClusterExtension FLINK =
      new MiniClusterExtension(
          new MiniClusterResourceConfiguration.Builder()
              .setNumberTaskManagers(2)
              .setNumberSlotsPerTaskManager(2)
              .build());

  @TempDir private static Path data;
  private static TableEnvironment flink;

  @BeforeAll
  static void write() throws Exception {
    Intrusion.write(data);
    SampleEvents source = new SampleEvents(3);
    List<byte[]> events = new ArrayList<>();
    for (int i = 0; i < EVENTS; i++) {
      events.add(source.next().toByteArray());
    }
    ArchiveFixture.writeEncoded(data, "busy", events);
    flink = TableEnvironment.create(EnvironmentSettings.inBatchMode());
    for (String statement : ArchiveDdl.statements(ArchiveDdl.Dialect.FLINK, data.toUri())) {
      flink.executeSql(statement);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT kind, count(*), min(sequence), max(sequence) FROM events GROUP BY kind",
        "SELECT process_exe, count(DISTINCT process_id), min(process_pid) FROM events"
            + " WHERE kind = 'exec' AND `date` = '2026-11-22' GROUP BY process_exe",
        "SELECT sequence, connection_remote_address, connection_remote_port FROM events"
            + " WHERE connection_remote_address = '198.51.100.7'",
        "SELECT count(*), sum(file_flags), count(file_write) FROM events WHERE file_create",
        "SELECT sequence, process_args[1], cardinality(process_args) FROM events"
            + " WHERE process_name = '.x' AND ancestors_name[1] = 'dash'",
        "SELECT sequence, exec_fds[1].`type`, exec_fds[1].remote_port FROM events"
            + " WHERE process_name = 'dash' AND exec_fds[1].remote_port > 0",
        "SELECT id, techniques[1], evidence[1].sequence, `count` FROM alerts",
        "SELECT a.rule_title, e.file_path FROM alerts a JOIN events e"
            + " ON e.node = a.evidence[1].node AND e.epoch = a.evidence[1].epoch"
            + " AND e.sequence = a.evidence[1].sequence",
      })
  void shouldAnswerAsDuckDbDoes(String question) throws Exception {
    List<String> expected =
        Answer.to(
                data,
                question
                    .replace('`', '"')
                    .replace("cardinality(", "len(")
                    .replace("FROM alerts", "FROM alert_versions"))
            .rows
            .stream()
            .map(row -> text(new ArrayList<>(row.values())))
            .sorted()
            .toList();
    List<String> answered = new ArrayList<>();
    try (CloseableIterator<Row> rows = flink.executeSql(question).collect()) {
      while (rows.hasNext()) {
        Row row = rows.next();
        List<Object> values = new ArrayList<>();
        for (int i = 0; i < row.getArity(); i++) {
          values.add(row.getField(i));
        }
        answered.add(text(values));
      }
    }
    answered.sort(Comparator.naturalOrder());
    assertThat(expected).isNotEmpty();
    assertThat(answered).isEqualTo(expected);
  }

  private static String text(List<Object> values) {
    return values.toString();
  }
}
