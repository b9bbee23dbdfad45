package dev.interdict.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.interdict.bus.backplane.Backplane;
import dev.interdict.bus.backplane.BackplaneConfig;
import dev.interdict.bus.client.BusClient;
import dev.interdict.bus.client.BusConfig;
import dev.interdict.bus.client.NodeLink;
import dev.interdict.bus.tls.Pki;
import dev.interdict.bus.tls.Role;
import dev.interdict.record.Recorder;
import dev.interdict.record.RecorderConfig;
import dev.interdict.schema.Alert;
import dev.interdict.schema.CommandResult;
import dev.interdict.schema.Container;
import dev.interdict.schema.Event;
import dev.interdict.schema.Exec;
import dev.interdict.schema.Kind;
import dev.interdict.schema.NodeInfo;
import dev.interdict.schema.Process;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The detection job as {@code flink run} submits it, on processes of Flink's own. */
final class FlinkRunIT {
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final Duration VALID = Duration.ofHours(1);
  private static final long START = 1_700_000_000_000_000_000L;
  private static final String RULE =
      """
      title: Runs %1$s
      id: 00000000-0000-4000-8000-00000000000%2$d
      name: %1$s
      logsource: {product: interdict, service: exec}
      detection:
        program: {process.exe: /bin/%1$s}
        condition: program
      level: high
      """;
  private static final String SEQUENCE =
      """
      title: First, then second
      id: 00000000-0000-4000-8000-000000000009
      level: critical
      sequence:
        key: container
        within: 5m
        steps:
          - {rule: first}
          - {rule: second}
      """;

  @TempDir private Path directory;
  private final List<Alert> alerts = new CopyOnWriteArrayList<>();
  private final Pki pki = Pki.create("test", VALID);
  private Path rules;
  private Backplane backplane;
  private BusClient responder;
  private Recorder recorder;
  private NodeLink node;

  @BeforeEach
  void start() throws IOException {
    rules = Files.createDirectory(directory.resolve("rules"));
    Files.writeString(rules.resolve("first.yml"), RULE.formatted("first", 1));
    Files.writeString(rules.resolve("second.yml"), RULE.formatted("second", 2));
    Files.writeString(rules.resolve("sequence.yml"), SEQUENCE);
    backplane =
        Backplane.start(
            new BackplaneConfig(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                pki.issue(Role.BACKPLANE, "backplane", VALID)));
    responder = BusClient.connect(config(Role.RESPONDER, "responder"), "responder");
    responder.serveAlerts(
        alert -> {
          alerts.add(alert);
          return CompletableFuture.completedFuture(null);
        });
    recorder = Recorder.open(RecorderConfig.of(directory.resolve("recorder")));
    node =
        new NodeLink(
            config(Role.NODE, recorder.node().toString()),
            recorder,
            NodeInfo.newBuilder().setName("node").build(),
            command -> CommandResult.getDefaultInstance());
  }

  private BusConfig config(Role role, String id) {
    return new BusConfig(List.of(backplane.address()), pki.issue(role, id, VALID));
  }

  @AfterEach
  void stop() throws Exception {
    node.close();
    recorder.close();
    responder.close();
    backplane.close();
  }

  @Test
  void shouldDetectSurviveALostWorkerAndTakeNewRules() throws Exception {
    Path identity = directory.resolve("identity");
    pki.issue(Role.CONSUMER, "flink", VALID).save(identity);
    Path jar = jar();
    try (SessionCluster flink =
        new SessionCluster(Files.createDirectory(directory.resolve("flink")))) {
      append("first", 1);
      await()
          .atMost(LIMIT)
          .pollInterval(Duration.ofSeconds(1))
          .until(
              () ->
                  flink.flink(
                      "run",
                      "-d",
                      "-c",
                      "dev.interdict.jobs.DetectionJob",
                      jar.toString(),
                      "--backplanes",
                      "127.0.0.1:" + backplane.address().getPort(),
                      "--identity",
                      identity.toString(),
                      "--rules",
                      rules.toString(),
                      "--reload",
                      "1"));
      append("other", 2);
      // Rules that a sequence is made of do not alert; this one stands for itself.
      Files.writeString(rules.resolve("third.yml"), RULE.formatted("third", 3));
      await()
          .atMost(LIMIT)
          .pollInterval(Duration.ofMillis(500))
          .until(
              () -> {
                append("third", 10 + alerts.size());
                return found("Runs third");
              });

      flink.killWorker();
      append("second", 20);
      flink.startWorker();
      await().atMost(LIMIT).until(() -> found("First, then second"));
    } catch (ConditionTimeoutException e) {
      throw new AssertionError(said(), e);
    }
    Alert alert =
        alerts.stream().filter(a -> a.getRuleTitle().startsWith("First")).findFirst().orElseThrow();
    assertThat(alert.getEvidenceList())
        .extracting(evidence -> evidence.getEvent().getProcess().getExe())
        .containsExactly("/bin/first", "/bin/second");
    assertThat(alert.getKey()).isEqualTo("container=box");
  }

  /** The end of what each of Flink's processes has printed. */
  private String said() throws IOException {
    StringBuilder text = new StringBuilder();
    try (Stream<Path> logs = Files.list(directory.resolve("flink"))) {
      for (Path log : logs.filter(p -> p.getFileName().toString().startsWith("log-")).toList()) {
        String printed = Files.readString(log);
        text.append("\n== ").append(log.getFileName()).append('\n');
        text.append(printed, Math.max(0, printed.length() - 20_000), printed.length());
      }
    }
    return text.toString();
  }

  private boolean found(String title) {
    return alerts.stream().anyMatch(alert -> alert.getRuleTitle().equals(title));
  }

  private void append(String program, int second) {
    byte[] event =
        Event.newBuilder()
            .setTime(START + second * 1_000_000_000L)
            .setKind(Kind.EXEC)
            .setProcess(
                Process.newBuilder()
                    .setId(7)
                    .setExe("/bin/" + program)
                    .setContainer(Container.newBuilder().setId("box")))
            .setExec(Exec.getDefaultInstance())
            .build()
            .toByteArray();
    recorder.append(0, event, 0, event.length);
    recorder.flush();
  }

  private static Path jar() throws IOException {
    Path top = Path.of("").toAbsolutePath();
    while (top.getParent() != null && !Files.exists(top.resolve("interdict"))) {
      top = top.getParent();
    }
    Path target = top.resolve("jobs/target");
    try (Stream<Path> files = Files.isDirectory(target) ? Files.list(target) : Stream.empty()) {
      Path jar =
          files.filter(file -> file.toString().endsWith("-flink.jar")).findFirst().orElse(null);
      assumeTrue(jar != null, "no job jar in " + target + ": run ./interdict build");
      return jar;
    }
  }
}
