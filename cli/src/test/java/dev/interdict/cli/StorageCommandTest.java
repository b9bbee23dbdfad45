package dev.interdict.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interdict.bus.backplane.Backplane;
import dev.interdict.bus.backplane.BackplaneConfig;
import dev.interdict.bus.client.BusConfig;
import dev.interdict.bus.client.NodeLink;
import dev.interdict.bus.tls.Pki;
import dev.interdict.bus.tls.Role;
import dev.interdict.record.NodeId;
import dev.interdict.record.Recorder;
import dev.interdict.record.RecorderConfig;
import dev.interdict.schema.CommandResult;
import dev.interdict.schema.Event;
import dev.interdict.schema.Kind;
import dev.interdict.schema.NodeInfo;
import dev.interdict.storage.Catalog;
import dev.interdict.storage.EventParquetWriter;
import dev.interdict.storage.Partition;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

final class StorageCommandTest {
  private static final Duration DAY = Duration.ofDays(1);
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
  void shouldCompareWithTheRecordersHead(@TempDir Path directory) throws Exception {
    Pki pki = Pki.create("test", DAY);
    pki.issue(Role.ADMIN, "admin", DAY).save(directory.resolve("admin"));
    NodeId node = NodeId.parse("00000000-0000-0001-0000-000000000002");
    byte[] tick = Event.newBuilder().setTime(TIME).setKind(Kind.TICK).build().toByteArray();
    Path recorded = directory.resolve("node");
    long epoch;
    try (Backplane backplane =
            Backplane.start(
                new BackplaneConfig(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                    pki.issue(Role.BACKPLANE, "b", DAY)));
        Recorder recorder = Recorder.open(RecorderConfig.of(recorded).withNode(node));
        NodeLink link =
            new NodeLink(
                new BusConfig(
                    List.of(backplane.address()), pki.issue(Role.NODE, node.toString(), DAY)),
                recorder,
                NodeInfo.newBuilder().setName("web-1").build(),
                command -> CommandResult.getDefaultInstance())) {
      for (int sequence = 1; sequence <= 3; sequence++) {
        recorder.append(0, tick, 0, tick.length);
        write(recorder.epoch(), sequence);
      }
      epoch = recorder.epoch();
      recorder.flush();
      String[] live = {
        "verify",
        "--backplane",
        "127.0.0.1:" + backplane.address().getPort(),
        "--identity",
        directory.resolve("admin").toString(),
        "--wait",
        "0s"
      };
      await().until(() -> link.connections() == 1);
      await() // a node tells of itself every second
          .untilAsserted(
              () ->
                  assertThat(run(live).out())
                      .endsWith("3 events, 0 in gaps, complete, recorder at 3\n"));
      recorder.append(0, tick, 0, tick.length);
      recorder.append(0, tick, 0, tick.length);
      recorder.flush();
      shouldAskTheNodeForWhatTheArchiveHasNotYet(live[2], directory, node, epoch);
      await()
          .untilAsserted(
              () -> {
                Run behind = run(live);
                assertThat(behind.out()).endsWith("2 behind the recorder at 5\n");
                assertThat(behind.code()).isEqualTo(ExitCode.FAILED);
              });
    }
    Run offline = run("verify", "--recorder", recorded.toString(), "--wait", "0s", "--json");
    assertThat(offline.out()).contains("\"complete\":false", "\"head\":5,\"behind\":2");
    write(epoch, 4);
    write(epoch, 5);
    assertThat(run("verify", "--recorder", recorded.toString()).code()).isEqualTo(ExitCode.OK);
    assertThat(run("verify", "--recorder", data.toString()).err()).contains("not a recorder");
  }

  private void shouldAskTheNodeForWhatTheArchiveHasNotYet(
      String backplane, Path directory, NodeId node, long epoch) throws IOException {
    Path answer = directory.resolve("answer.csv");
    String[] recent = {
      "--data",
      data.toString(),
      "--backplane",
      backplane,
      "--identity",
      directory.resolve("admin").toString(),
      "--format",
      "csv",
      "-o",
      answer.toString(),
      "SELECT sequence FROM events ORDER BY sequence"
    };
    await() // a node tells of itself every second
        .untilAsserted(
            () -> {
              Files.deleteIfExists(answer);
              Run asked = query(recent);
              assertThat(asked.code()).as(asked.err()).isZero();
              assertThat(asked.err())
                  .contains(
                      "web-1 (" + node + "): complete up to epoch " + epoch + " sequence 5, ");
            });
    assertThat(Files.readAllLines(answer)).containsExactly("sequence", "1", "2", "3", "4", "5");
    Files.delete(answer);
    recent[4] = "--recent-limit";
    recent[5] = "0";
    assertThat(query(recent).err()).contains("invalid --recent-limit=0");
  }

  private static Run query(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        new CommandLine(new QueryCommand())
            .setCaseInsensitiveEnumValuesAllowed(true)
            .setExecutionExceptionHandler(new FailureReport())
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true))
            .execute(args);
    return new Run(code, out.toString(), err.toString());
  }

  @Test
  void shouldTellOtherEnginesOfTheTables() {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine ddl =
        new CommandLine(new StorageCommand())
            .setExecutionExceptionHandler(new FailureReport())
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true));
    assertThat(ddl.execute("ddl", "trino", "--at", "s3://bucket/x/")).isZero();
    assertThat(out.toString())
        .contains("\"time\" TIMESTAMP(9)", "external_location = 's3://bucket/x/events'")
        .contains("partitioned_by = ARRAY['date', 'hour', 'node_prefix']");
    assertThat(ddl.execute("ddl", "oracle")).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("unknown engine oracle", "flink, spark, trino");
    assertThat(ddl.execute("ddl", "flink", "--at", "s3:// x")).isEqualTo(ExitCode.USAGE);
  }

  @Test
  void shouldDoAllUpkeepInOneRound() throws IOException {
    for (int sequence = 1; sequence <= 4; sequence++) {
      write(sequence);
    }
    Run kept = run("upkeep", "--age", "36500d");
    assertThat(kept.code()).as(kept.err()).isEqualTo(ExitCode.OK);
    assertThat(kept.out())
        .contains("retained: 0 files", "compacted: 4 files of 1 partitions, 4 rows")
        .contains("events: 4 rows in 1 files");
    assertThat(run("upkeep", "--every", "0s").err()).contains("invalid --every=0s");
    assertThat(run("upkeep", "--data", data.resolve("none").toString()).out())
        .isEqualTo("no archive yet\n");
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
    write(1, sequence);
  }

  private void write(long epoch, int sequence) throws IOException {
    Path directory = new Catalog(data).events().resolve(Partition.of(TIME, 1));
    Files.createDirectories(directory);
    byte[] encoded = Event.newBuilder().setTime(TIME).setKind(Kind.TICK).build().toByteArray();
    Path file = Files.createTempFile(directory, "part-", Catalog.FILE_SUFFIX);
    try (OutputStream out = Files.newOutputStream(file)) {
      EventParquetWriter writer = EventParquetWriter.open(out);
      writer.append(1, 2, epoch, sequence, encoded, 0, encoded.length);
      writer.finish();
    }
  }

  @Test
  void shouldFetchAnArchiveAndNothingElse() throws IOException {
    write(1);
    Path here = data.resolveSibling(data.getFileName() + "-fetched");
    String from = data.toUri().toString().replaceFirst("/$", "");
    assertThat(fetch(here, from).out()).startsWith("1 files, ").contains("1 fetched");
    assertThat(fetch(here, from).out()).contains("0 fetched");
    assertThat(fetch(data, from).err()).contains("was not fetched and is not empty");

    assertThat(fetch(here, "not-a-uri").err()).contains("not-a-uri", "s3://BUCKET/PATH");
    assertThat(fetch(here, from, "--store", "s3.secret-key=x").err())
        .contains("s3.secret-key", "AWS_SECRET_ACCESS_KEY")
        .doesNotContain("=x");
    assertThat(fetch(here, from, "--from", "2026-02-02", "--until", "2026-02-01").err())
        .contains("--until=2026-02-01");
    Path empty = data.resolveSibling(data.getFileName() + "-empty");
    assertThat(fetch(empty, "nowhere://bucket/x").err()).contains("nowhere");
  }

  private Run fetch(Path to, String from, String... more) {
    List<String> arguments = new ArrayList<>(List.of("fetch", "--data", to.toString()));
    arguments.addAll(List.of(more));
    arguments.add(from);
    return run(arguments.toArray(String[]::new));
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
