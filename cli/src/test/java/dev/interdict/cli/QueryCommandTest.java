package dev.interdict.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interdict.schema.Event;
import dev.interdict.schema.Kind;
import dev.interdict.storage.Catalog;
import dev.interdict.storage.EventParquetWriter;
import dev.interdict.storage.Partition;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

final class QueryCommandTest {
  private static final long TIME = 1_795_305_600_000_000_001L;

  @TempDir private Path data;

  private record Run(int code, String out, String err) {}

  @Test
  void shouldAnswerInEveryFormat() throws IOException {
    archive();
    String sql = "SELECT time, process_exe FROM events";
    assertThat(run("", "--format", "csv", sql))
        .isEqualTo(new Run(0, "time,process_exe\n2026-11-22T00:00:00.000000001Z,/bin/sh\n", ""));
    assertThat(run("", "--format", "jsonl", sql).out())
        .isEqualTo("{\"time\":\"2026-11-22T00:00:00.000000001Z\",\"process_exe\":\"/bin/sh\"}\n");
    assertThat(run("", "--format", "JSON", "SELECT kind FROM events").out())
        .isEqualTo("[{\"kind\":\"exec\"}]\n");
    assertThat(run("", "SELECT kind FROM events").out()).isEqualTo("kind\n────\nexec\n(1 row)\n");
    assertThat(run("SELECT kind\nFROM events", "--format", "csv", "-").out())
        .isEqualTo("kind\nexec\n");
  }

  @Test
  void shouldWriteTheAnswerToAFile() throws IOException, SQLException {
    archive();
    Path parquet = data.resolve("answer.parquet");
    String sql = "SELECT time, process_exe, 1 AS n FROM events -- all of it";
    assertThat(run("", "-o", parquet.toString(), sql)).isEqualTo(new Run(0, "", ""));
    try (Connection other = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = other.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT process_exe, n, typeof(time) FROM read_parquet('" + parquet + "')")) {
      assertThat(rows.next()).isTrue();
      assertThat(rows.getString(1)).isEqualTo("/bin/sh");
      assertThat(rows.getInt(2)).isEqualTo(1);
      assertThat(rows.getString(3)).isEqualTo("TIMESTAMP_NS");
      assertThat(rows.next()).isFalse();
    }
    Run again = run("", "-o", parquet.toString(), sql);
    assertThat(again.code()).isEqualTo(ExitCode.USAGE);
    assertThat(again.err()).contains("there already");

    Path csv = data.resolve("answer.csv");
    run("", "-o", csv.toString(), "--format", "csv", "SELECT kind FROM events");
    assertThat(csv).hasContent("kind\nexec\n");

    Path none = data.resolve("none.parquet");
    assertThat(run("", "-o", none.toString(), "SELECT nothing FROM events").code())
        .isEqualTo(ExitCode.USAGE);
    assertThat(none).doesNotExist();
    // The file that may be written is that one and no other.
    assertThat(run("", "-o", none.toString(), "SELECT 1) TO '" + data + "/x.parquet' --").code())
        .isEqualTo(ExitCode.USAGE);
    assertThat(data.resolve("x.parquet")).doesNotExist();
  }

  @Test
  void shouldSayThatThereAreNoEventsYet() {
    Run run = run("", "--format", "json", "SELECT * FROM events");
    assertThat(run.code()).isZero();
    assertThat(run.out()).isEqualTo("[]\n");
    assertThat(run.err()).contains("no events yet in " + data);
  }

  @Test
  void shouldTellAWrongQuestionFromOneThatTookTooLong() {
    Run wrong = run("", "SELECT nothing FROM events");
    assertThat(wrong.code()).isEqualTo(ExitCode.USAGE);
    assertThat(wrong.err()).contains("\"nothing\" not found");
    assertThat(run("", "DROP VIEW events").code()).isEqualTo(ExitCode.USAGE);
    Run slow =
        run(
            "",
            "--timeout",
            "50ms",
            "SELECT count(*) FROM range(1000000000000) t WHERE hash(t) = 1");
    assertThat(slow.code()).isEqualTo(ExitCode.FAILED);
    assertThat(slow.err()).contains("timeout=50ms");
    assertThat(run("", "--timeout", "soon", "SELECT 1").err()).contains("invalid --timeout=soon");
    assertThat(run("", "--memory", "1KB", "SELECT 1").err()).contains("invalid --memory=1KB");
  }

  @Test
  void shouldAskWhatIsSavedWithParameters() throws IOException {
    archive();
    assertThat(
            run(
                    "",
                    "--format",
                    "csv",
                    "-p",
                    "exe=/bin/sh",
                    "SELECT kind FROM events WHERE process_exe = $exe")
                .out())
        .isEqualTo("kind\nexec\n");
    Path mine = Files.createDirectories(data.resolve("questions"));
    Files.writeString(mine.resolve("kinds.sql"), "-- Which kinds?\nSELECT kind FROM events");
    String[] directory = {"--saved-dir", mine.toString()};
    assertThat(run("", directory[0], directory[1], "--saved").out())
        .contains("kinds                Which kinds?", "who-wrote");
    assertThat(run("", directory[0], directory[1], "--format", "csv", "--saved", "kinds").out())
        .isEqualTo("kind\nexec\n");
    assertThat(run("", "--format", "csv", "--saved", "first-seen", "-p", "image=/bin/sh").out())
        .contains("2026-11-22T00:00:00.000000001Z");
    Run unset = run("", "--saved", "first-seen");
    assertThat(unset.code()).isEqualTo(ExitCode.USAGE);
    assertThat(unset.err()).contains("-p image=VALUE");
    assertThat(run("", "--saved", "kinds").err()).contains("no saved question kinds");
    assertThat(run("").code()).isEqualTo(ExitCode.USAGE);
    assertThat(run("", "--saved", "kinds", "SELECT 1").code()).isEqualTo(ExitCode.USAGE);
  }

  private void archive() throws IOException {
    Path file =
        new Catalog(data)
            .events()
            .resolve(Partition.of(TIME, 1))
            .resolve("part-0" + Catalog.FILE_SUFFIX);
    Files.createDirectories(file.getParent());
    Event.Builder event = Event.newBuilder().setTime(TIME).setKind(Kind.EXEC);
    event.getProcessBuilder().setExe("/bin/sh");
    byte[] encoded = event.build().toByteArray();
    try (OutputStream out = Files.newOutputStream(file)) {
      EventParquetWriter writer = EventParquetWriter.open(out);
      writer.append(1, 2, 1, 1, encoded, 0, encoded.length);
      writer.finish();
    }
  }

  private Run run(String stdin, String... args) {
    StringWriter err = new StringWriter();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PrintStream stdout = System.out;
    InputStream in = System.in;
    System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    System.setIn(new ByteArrayInputStream(stdin.getBytes(StandardCharsets.UTF_8)));
    try {
      CommandLine command =
          new CommandLine(new QueryCommand())
              .setCaseInsensitiveEnumValuesAllowed(true)
              .setExecutionExceptionHandler(new FailureReport())
              .setOut(new PrintWriter(out, true, StandardCharsets.UTF_8))
              .setErr(new PrintWriter(err, true));
      String[] all = new String[args.length + 2];
      all[0] = "--data";
      all[1] = data.toString();
      System.arraycopy(args, 0, all, 2, args.length);
      int code = command.execute(all);
      return new Run(code, out.toString(StandardCharsets.UTF_8), err.toString());
    } finally {
      System.setOut(stdout);
      System.setIn(in);
    }
  }
}
