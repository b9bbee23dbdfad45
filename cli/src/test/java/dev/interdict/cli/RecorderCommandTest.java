package dev.interdict.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interdict.record.Recorder;
import dev.interdict.record.RecorderConfig;
import dev.interdict.schema.Event;
import dev.interdict.schema.EventJson;
import dev.interdict.schema.Exit;
import dev.interdict.schema.FileOperation;
import dev.interdict.schema.Kind;
import dev.interdict.schema.Process;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.RandomAccessFile;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class RecorderCommandTest {
  private static final long SECOND = 1_000_000_000L;
  private static final long START = 1_790_000_000L * SECOND;

  @TempDir private Path directory;
  private StringWriter out = new StringWriter();
  private StringWriter err = new StringWriter();

  @BeforeEach
  void record() throws IOException {
    try (Recorder recorder = Recorder.open(RecorderConfig.of(directory.resolve("r")))) {
      for (int i = 0; i < 10; i++) {
        append(recorder, 0, event(i, Kind.EXIT).setExit(Exit.newBuilder().setCode(i)).build());
        append(
            recorder,
            2,
            event(i, Kind.OPEN).setOpen(FileOperation.newBuilder().setPath("/f" + i)).build());
        recorder.flush();
      }
    }
  }

  @Test
  void shouldPrintEventsInTheirOrderAsJsonThatCanBeReadBack() {
    int code = run("recorder", "cat", "--json", dir());
    assertThat(code).as(() -> err.toString()).isEqualTo(ExitCode.OK);
    List<String> lines = out.toString().lines().toList();
    assertThat(lines).hasSize(20);
    for (int i = 0; i < lines.size(); i++) {
      assertThat(lines.get(i)).contains("\"sequence\":" + (i + 1) + ",\"time\":");
      assertThat(EventJson.fromJson(lines.get(i)).getTime()).isEqualTo(START + i / 2 * SECOND);
    }
  }

  @Test
  void shouldSelectByTimeAndKind() {
    String from = EventLine.time(START + 3 * SECOND);
    String until = EventLine.time(START + 6 * SECOND);
    assertThat(run("recorder", "cat", "--kinds", "open", "--from", from, "--until", until, dir()))
        .isEqualTo(ExitCode.OK);
    assertThat(out.toString().lines().map(l -> l.replaceAll(".* path=(\\S+).*", "$1")))
        .containsExactly("/f3", "/f4", "/f5");
  }

  @Test
  void shouldNotLetAProcessDriveTheTerminal() {
    assertThat(run("recorder", "cat", dir())).isEqualTo(ExitCode.OK);
    assertThat(out.toString()).doesNotContain("\u001b").contains("args=\\u001b[2J");
  }

  @Test
  void shouldListSegmentsAndFindThemWhole() {
    assertThat(run("recorder", "ls", dir())).isEqualTo(ExitCode.OK);
    assertThat(out.toString()).contains("stopped cleanly", "process", "file", " ok");
    assertThat(run("recorder", "ls", "--json", dir())).isEqualTo(ExitCode.OK);
    assertThat(out.toString()).contains("\"kinds\":[\"exit\"]", "\"kinds\":[\"open\"]");
    assertThat(run("recorder", "verify", dir())).isEqualTo(ExitCode.OK);
    assertThat(out.toString()).contains("2 segments, 20 frames, 20 events");
  }

  @Test
  void shouldExitWithOneForDamage() throws IOException {
    flipMiddleOfAFileSegment();
    assertThat(run("recorder", "verify", dir())).isEqualTo(ExitCode.FAILED);
    assertThat(out.toString()).contains("damagedBytes=", "1 damaged");
    assertThat(run("recorder", "verify", "--json", dir())).isEqualTo(ExitCode.FAILED);
    assertThat(out.toString()).contains("\"clean\":true", ".seg\"]");
    assertThat(run("recorder", "ls", dir())).isEqualTo(ExitCode.FAILED);
    assertThat(run("recorder", "cat", dir())).isEqualTo(ExitCode.FAILED);
    assertThat(out.toString().lines().filter(l -> l.contains(" exit "))).hasSize(10);
    assertThat(out.toString()).contains(" gap ", "reason=damaged");
  }

  @Test
  void shouldExitWithTwoForWhatMakesNoSense() {
    assertThat(run("recorder", "cat", directory.toString())).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("not a recorder's directory");
    assertThat(run("recorder", "cat", "--kinds", "dance", dir())).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("unknown kind=dance");
    assertThat(run("recorder", "cat", "--from", "yesterday", dir())).isEqualTo(ExitCode.USAGE);
    assertThat(run("recorder", "verify")).isEqualTo(ExitCode.USAGE);
  }

  @Test
  void shouldExportJsonLinesOfWhatIsAskedFor() throws IOException {
    Path file = directory.resolve("x.jsonl");
    String until = EventLine.time(START + 6 * SECOND);
    int code = run("recorder", "export", "--kinds", "exit", "--until", until, dir(), file + "");
    assertThat(code).as(() -> err.toString()).isEqualTo(ExitCode.OK);
    List<String> lines = Files.readAllLines(file);
    assertThat(lines).hasSize(6).allMatch(line -> line.contains("\"kind\":\"exit\""));
    assertThat(err.toString()).contains("6 events and 0 gaps exported");
    assertThat(run("recorder", "export", dir(), file + "")).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("file exists");
    assertThat(run("recorder", "export", "--force", "--quiet", dir(), file + "")).isZero();
    assertThat(Files.readAllLines(file)).hasSize(20);
    assertThat(err.toString()).isEmpty();
    assertThat(run("recorder", "export", "--container", "web-*", dir(), "-")).isZero();
    assertThat(out.toString()).isEmpty();
    assertThat(run("recorder", "export", dir(), "-")).isZero();
    assertThat(out.toString().lines()).hasSize(20);
  }

  @Test
  void shouldExportParquetThatAQueryReads() throws IOException {
    Path archive = directory.resolve("case");
    assertThat(run("recorder", "export", dir(), archive.toString())).isEqualTo(ExitCode.OK);
    String sql = "SELECT kind, count(*) n, max(sequence) last FROM events GROUP BY kind ORDER BY 1";
    PrintStream terminal = System.out;
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    System.setOut(new PrintStream(answer, true, StandardCharsets.UTF_8));
    try {
      assertThat(run("query", "--data", archive.toString(), "--format", "csv", sql))
          .as(() -> err.toString())
          .isEqualTo(ExitCode.OK);
    } finally {
      System.setOut(terminal);
    }
    assertThat(answer.toString(StandardCharsets.UTF_8).lines())
        .containsExactly("kind,n,last", "exit,10,19", "open,10,20");
    Path file = directory.resolve("x.parquet");
    assertThat(run("recorder", "export", dir(), file.toString())).isEqualTo(ExitCode.OK);
    assertThat(file).isNotEmptyFile();
    try (Stream<Path> left = Files.list(directory)) {
      assertThat(left.map(Path::toString)).noneMatch(name -> name.endsWith(".part"));
    }
  }

  @Test
  void shouldExportWhatDamageHasLeftAndSaySo() throws IOException {
    flipMiddleOfAFileSegment();
    assertThat(run("recorder", "export", dir(), "-")).isEqualTo(ExitCode.FAILED);
    assertThat(out.toString().lines().filter(l -> l.contains("\"kind\":\"exit\""))).hasSize(10);
    assertThat(out.toString()).contains("\"kind\":\"gap\"", "damaged");
    assertThat(err.toString()).contains("19 events and 1 gaps");
    assertThat(run("recorder", "export", dir(), "x.csv")).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("invalid TARGET=x.csv");
  }

  private String dir() {
    return directory.resolve("r").toString();
  }

  private int run(String... args) {
    out = new StringWriter();
    err = new StringWriter();
    CommandLine command = Interdict.commandLine();
    command.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    return command.execute(args);
  }

  private void flipMiddleOfAFileSegment() throws IOException {
    try (Stream<Path> paths = Files.walk(directory.resolve("r"))) {
      Path file =
          paths.filter(p -> p.toString().matches(".*/2/[0-9]+\\.seg")).findFirst().orElseThrow();
      try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
        long middle = open.length() / 2;
        open.seek(middle);
        int value = open.read();
        open.seek(middle);
        open.write(value ^ 0x10);
      }
    }
  }

  private static Event.Builder event(int second, Kind kind) {
    return Event.newBuilder()
        .setTime(START + second * SECOND)
        .setKind(kind)
        .setProcess(Process.newBuilder().setPid(9).addArgs("\u001b[2J").addArgs("x"));
  }

  private static void append(Recorder recorder, int lane, Event event) {
    byte[] bytes = event.toByteArray();
    recorder.append(lane, bytes, 0, bytes.length);
  }
}
