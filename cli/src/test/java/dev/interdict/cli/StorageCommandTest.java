package dev.interdict.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interdict.schema.Event;
import dev.interdict.schema.Kind;
import dev.interdict.storage.Catalog;
import dev.interdict.storage.EventParquetWriter;
import dev.interdict.storage.Partition;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

final class StorageCommandTest {
  private static final long TIME = 1_795_305_600_000_000_001L;

  @TempDir private Path data;

  private record Run(int code, String out, String err) {}

  @Test
  void shouldCompactVerifyCountAndRetain() throws IOException {
    for (int sequence = 1; sequence <= 4; sequence++) {
      write(sequence);
    }
    assertThat(run("verify"))
        .isEqualTo(
            new Run(
                0,
                "00000000-0000-0001-0000-000000000002 epoch 1: 1 to 4, 4 events, 0 in gaps,"
                    + " complete\n",
                ""));
    assertThat(run("compact", "--grace", "0s", "--json").out())
        .contains("\"partitions\":1,\"files\":4,\"rows\":4", "\"deleted_files\":4");
    assertThat(run("stats").out()).startsWith("events  4 rows in 1 files and 1 partitions");
    assertThat(run("stats", "--json").out()).contains("\"events\":{\"files\":1,\"rows\":4");
    assertThat(run("retain", "--age", "36500d", "--dry-run").out())
        .startsWith("would delete 0 files");

    write(2);
    write(9);
    Run broken = run("verify");
    assertThat(broken.code()).isEqualTo(ExitCode.FAILED);
    assertThat(broken.out()).contains("1 doubled, 4 missing from 5 on");
    assertThat(run("verify", "--json").out()).contains("\"complete\":false", "\"missing\":4");
  }

  @Test
  void shouldRefuseWhatItCannotDo() {
    assertThat(run("retain").code()).isEqualTo(ExitCode.USAGE);
    assertThat(run("retain", "--age", "soon").err()).contains("invalid --age=soon");
    assertThat(run("retain", "--age", "1d", "--hold", "x").err()).contains("invalid --hold=x");
    assertThat(run("retain", "--size", "1PB").err()).contains("invalid --size=1PB");
    assertThat(run("compact", "--min-files", "1").err()).contains("min-files=1");
    Run none = run("stats", "--data", data.resolve("none").toString());
    assertThat(none.code()).isEqualTo(ExitCode.USAGE);
    assertThat(none.err()).contains("no data directory");
  }

  private void write(int sequence) throws IOException {
    Path directory = new Catalog(data).events().resolve(Partition.of(TIME, 1));
    Files.createDirectories(directory);
    byte[] encoded = Event.newBuilder().setTime(TIME).setKind(Kind.TICK).build().toByteArray();
    Path file = Files.createTempFile(directory, "part-", Catalog.FILE_SUFFIX);
    try (OutputStream out = Files.newOutputStream(file)) {
      EventParquetWriter writer = EventParquetWriter.open(out);
      writer.append(1, 2, 1, sequence, encoded, 0, encoded.length);
      writer.finish();
    }
  }

  private Run run(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    List<String> all = new ArrayList<>(List.of(args));
    if (!all.contains("--data")) {
      all.add("--data");
      all.add(data.toString());
    }
    int code =
        new CommandLine(new StorageCommand())
            .setExecutionExceptionHandler(new FailureReport())
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true))
            .execute(all.toArray(String[]::new));
    return new Run(code, out.toString(), err.toString());
  }
}
