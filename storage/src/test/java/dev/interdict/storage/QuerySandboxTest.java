package dev.interdict.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class QuerySandboxTest {
  @TempDir private Path root;
  private Path data;
  private Path secret;

  @BeforeEach
  void archive() throws IOException {
    data = root.resolve("it's data");
    ArchiveFixture.write(data, "a", SampleEvents.full());
    secret = Files.writeString(data.resolve("node.key"), "secret");
    Files.copy(
        ArchiveFixture.write(root.resolve("other"), "b", SampleEvents.full()),
        root.resolve("b.parquet"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "COPY (SELECT 1) TO '$EVENTS/x.parquet'",
        "EXPLAIN ANALYZE COPY (SELECT 1) TO '$EVENTS/x.parquet'",
        "explain\nanalyze /* */ COPY (SELECT 1) TO '$EVENTS/x.parquet'",
        "SELECT 1; COPY (SELECT 1) TO '$EVENTS/x.parquet'",
        "EXPLAIN SELECT 1; COPY (SELECT 1) TO '$EVENTS/x.parquet'",
        "ATTACH '$EVENTS/x.db'",
        "ATTACH '$EVENTS/x.db' AS x; CREATE TABLE x.t AS SELECT 1",
        "EXPORT DATABASE '$EVENTS/x'",
        "CREATE TABLE t AS SELECT 1",
        "CREATE OR REPLACE VIEW events AS SELECT 1",
        "CREATE MACRO now() AS 1",
        "DROP VIEW events",
        "INSERT INTO events SELECT * FROM events",
        "WITH t AS (INSERT INTO events SELECT * FROM events RETURNING *) SELECT * FROM t",
        "DELETE FROM events",
        "UPDATE events SET kind = 'x'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SET memory_limit = '100GB'",
        "RESET allowed_directories",
        "PRAGMA enable_external_access",
        "CALL pragma_version()",
        "PREPARE p AS SELECT 1",
        "CREATE SECRET s (TYPE http, BEARER_TOKEN 'x')",
        "CHECKPOINT",
        "VACUUM",
        "USE system",
        "BEGIN",
        "SELECT * FROM query('COPY (SELECT 1) TO ''$EVENTS/x.parquet''')",
        "FROM json_execute_serialized_sql('{}')",
        "SELECT * FROM read_text('/etc/hostname')",
        "SELECT * FROM read_text('$DATA/node.key')",
        "SELECT * FROM read_text('$EVENTS/../node.key')",
        "SELECT * FROM read_blob('$EVENTS/../node.key')",
        "SELECT * FROM '$ROOT/b.parquet'",
        "SELECT * FROM read_parquet('$ROOT/*.parquet')",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM glob('/etc/*')",
        "SELECT * FROM parquet_metadata('$ROOT/b.parquet')",
        "SELECT * FROM sniff_csv('/etc/passwd')",
      })
  void shouldRefuseEverythingButReadingTheArchive(String template) throws Exception {
    String quoted = data.toString().replace("'", "''");
    String sql =
        template
            .replace("$EVENTS", quoted + "/events")
            .replace("$DATA", quoted)
            .replace("$ROOT", root.toString());
    Map<String, Long> before = tree();
    QueryException failure = catchThrowableOfType(QueryException.class, () -> Answer.to(data, sql));
    assertThat(failure).as(sql).isNotNull();
    assertThat(failure.reason()).isEqualTo(QueryException.Reason.QUESTION);
    assertThat(failure.getMessage()).doesNotContain("secret\n");
    assertThat(tree()).isEqualTo(before);
    assertThat(Answer.to(data, "SELECT count(*) FROM events").only())
        .isEqualTo((long) SampleEvents.full().size());
  }

  @Test
  void shouldNotReachTheNetwork() throws Exception {
    try (ServerSocket server = new ServerSocket(0)) {
      server.setSoTimeout(200);
      String url = "http://127.0.0.1:" + server.getLocalPort() + "/x.parquet";
      assertThat(
              catchThrowableOfType(
                  QueryException.class, () -> Answer.to(data, "SELECT * FROM '" + url + "'")))
          .isNotNull();
      assertThat(catchThrowableOfType(SocketTimeoutException.class, server::accept)).isNotNull();
    }
  }

  @Test
  void shouldLeaveTheSecretWhereItIs() throws Exception {
    assertThat(Files.readString(secret)).isEqualTo("secret");
    assertThat(
            Answer.to(
                    data,
                    "SELECT count(*) FROM read_parquet('"
                        + data.toString().replace("'", "''")
                        + "/events/*/*/*/*.parquet')")
                .only())
        .isEqualTo((long) SampleEvents.full().size());
  }

  private Map<String, Long> tree() throws IOException {
    Map<String, Long> sizes = new TreeMap<>();
    try (Stream<Path> paths = Files.walk(root)) {
      for (Path path : (Iterable<Path>) paths::iterator) {
        sizes.put(path.toString(), Files.isDirectory(path) ? -1 : Files.size(path));
      }
    }
    return sizes;
  }
}
