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
import java.io.IOException;
import java.io.PrintWriter;
import java.io.RandomAccessFile;
import java.io.StringWriter;
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
