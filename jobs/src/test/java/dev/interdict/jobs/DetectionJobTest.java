package dev.interdict.jobs;

import static dev.interdict.jobs.TestRules.exec;
import static dev.interdict.jobs.TestRules.tick;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interdict.cep.RuleSet;
import dev.interdict.jobs.sequence.SequenceProgress;
import dev.interdict.jobs.source.Start;
import dev.interdict.record.NodeId;
import dev.interdict.schema.Alert;
import dev.interdict.storage.Catalog;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DetectionJobTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(20);
  private static final RuleSet RULES =
      TestRules.of("a", "b", "c")
          .rule("fatal", "critical")
          .sequence("abc", "60s", "rule: a", "rule: b", "rule: c")
          .build();

  @TempDir static Path directory;
  private static EmbeddedFlinks flink;

  @TempDir Path data;

  private final FakeBus bus = new FakeBus();
  private final AlertDesk desk = new AlertDesk();
  private final Injected injected = new Injected();

  @BeforeAll
  static void start() throws IOException {
    flink = EmbeddedFlinks.start(directory, 4);
  }

  @AfterAll
  static void stop() throws IOException {
    flink.close();
  }

  @AfterEach
  void cancel() throws IOException {
    flink.cancelAll();
    bus.close();
    desk.close();
    injected.close();
  }

  @Test
  void shouldStillAlertWhenTheTaskFailsInMidSequence() throws IOException {
    List<FakeBus.Node> nodes = nodes(8);
    EmbeddedJob job = run(2, null);
    nodes.forEach(node -> node.append(exec("a", "box", 0)));
    nodes.forEach(node -> node.append(exec("b", "box", 1)));
    nodes.forEach(node -> node.append(exec("fatal", "box", 2)));
    awaitUnique(8);
    job.awaitCheckpoint(TIMEOUT);

    injected.armAfter(1);
    nodes.forEach(node -> node.append(exec("x", "box", 3)));
    nodes.forEach(node -> node.append(exec("c", "box", 4)));

    awaitUnique(16);
    assertThat(injected.failures()).isEqualTo(1);
    // Only what was emitted after the last checkpoint may come twice, and then under one id.
    assertThat(desk.ids()).hasSizeLessThanOrEqualTo(24);
    Set<String> sequences = new HashSet<>();
    for (Alert alert : desk.deliveries()) {
      if (alert.getRuleId().equals(TestRules.id("abc"))) {
        assertThat(alert.getEvidenceList())
            .extracting(evidence -> evidence.getPosition().getSequence())
            .containsExactly(1L, 2L, 5L);
        sequences.add(alert.getId());
      }
    }
    assertThat(sequences).hasSize(8);
  }

  @Test
  void shouldFindEverythingAcrossRescaling() throws IOException {
    List<FakeBus.Node> nodes = nodes(24);
    EmbeddedJob two = run(2, null);
    nodes.forEach(node -> node.append(exec("a", "box", 0)));
    nodes.forEach(node -> node.append(exec("fatal", "box", 1)));
    awaitUnique(24);
    String savepoint = two.stop(TIMEOUT);

    EmbeddedJob four = run(4, savepoint);
    nodes.forEach(node -> node.append(exec("b", "box", 2)));
    nodes.forEach(node -> node.append(exec("fatal", "other", 3)));
    awaitUnique(48);
    savepoint = four.stop(TIMEOUT);

    run(2, savepoint);
    nodes.forEach(node -> node.append(exec("c", "box", 4)));
    awaitUnique(72);
    assertThat(desk.ids()).hasSize(72);
  }

  @Test
  void shouldSendAgainWhatWasNotAcknowledgedBeforeARestore() throws IOException {
    desk.answer(AlertDesk.Answer.NEVER);
    FakeBus.Node node = nodes(1).get(0);
    EmbeddedJob job = run(1, null);
    node.append(exec("fatal", "box", 0));
    awaitUnique(1);
    // A checkpoint does not wait for the responder.
    String savepoint = job.stop(TIMEOUT);
    assertThat(desk.ids()).hasSize(1);

    desk.answer(AlertDesk.Answer.ACKNOWLEDGE);
    EmbeddedJob second = run(1, savepoint);
    await().atMost(TIMEOUT).until(() -> desk.ids().size() == 2);
    assertThat(new HashSet<>(desk.ids())).hasSize(1);
    second.awaitRunning(TIMEOUT);

    // Acknowledged now: it does not come a third time.
    run(1, second.stop(TIMEOUT));
    node.append(exec("fatal", "other", 1));
    awaitUnique(2);
    assertThat(desk.ids()).hasSize(3);
  }

  @Test
  void shouldSendAgainWhatTheResponderRefused() throws IOException {
    desk.answer(AlertDesk.Answer.REFUSE);
    FakeBus.Node node = nodes(1).get(0);
    run(1, null);
    node.append(exec("fatal", "box", 0));
    await().atMost(TIMEOUT).until(() -> desk.ids().size() >= 2);
    desk.answer(AlertDesk.Answer.ACKNOWLEDGE);
    int before = desk.ids().size();
    await().atMost(TIMEOUT).until(() -> desk.ids().size() > before);
    assertThat(new HashSet<>(desk.ids())).hasSize(1);
  }

  @Test
  void shouldTellHowFarASequenceHasCome() throws IOException {
    List<SequenceProgress> steps = new CopyOnWriteArrayList<>();
    String key = Local.put((SequenceProgress.Listener) steps::add);
    FakeBus.Node node = nodes(1).get(0);
    flink.submit(
        1,
        null,
        env ->
            DetectionJob.build(
                env,
                config().withProgress(key),
                bus.dialer(),
                desk.dialer(),
                UnaryOperator.identity()));
    node.append(exec("a", "box", 0));
    node.append(exec("c", "box", 1));
    node.append(exec("b", "box", 2));
    node.append(tick(3));
    node.append(exec("c", "box", 4));
    awaitUnique(1);
    await().atMost(TIMEOUT).until(() -> steps.size() >= 3); // told after the alert
    Local.remove(key);
    assertThat(steps).extracting(SequenceProgress::step).containsExactly(0, 1, 2);
    assertThat(steps).extracting(SequenceProgress::key).containsOnly("container=box");
    assertThat(steps).extracting(step -> step.position().sequence()).containsExactly(1L, 3L, 5L);
  }

  @Test
  void shouldKeepEachVersionOfAnAlertOnceAfterAFailure() throws Exception {
    List<FakeBus.Node> nodes = nodes(6);
    EmbeddedJob job = run(2, null);
    nodes.forEach(node -> node.append(exec("fatal", "box", 0)));
    awaitUnique(6);
    job.awaitCheckpoint(TIMEOUT);
    injected.armAfter(1);
    nodes.forEach(node -> node.append(exec("x", "box", 1)));
    nodes.forEach(node -> node.append(exec("fatal", "other", 2)));
    awaitUnique(12);
    assertThat(injected.failures()).isEqualTo(1);
    job.stop(TIMEOUT);

    List<String> rows = archivedAlerts();
    assertThat(rows).doesNotHaveDuplicates();
    assertThat(rows).hasSize(12);
    assertThat(rows)
        .containsExactlyInAnyOrderElementsOf(
            new HashSet<>(desk.ids()).stream().map(id -> id + "/1").toList());
  }

  private List<String> archivedAlerts() throws Exception {
    List<String> rows = new ArrayList<>();
    String files = new Catalog(data).alerts() + "/*/part*.parquet";
    try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = duckdb.createStatement();
        ResultSet found =
            statement.executeQuery(
                "SELECT id || '/' || count FROM read_parquet('"
                    + files
                    + "', hive_partitioning = false) WHERE incident_id IS NOT NULL")) {
      while (found.next()) {
        rows.add(found.getString(1));
      }
    }
    return rows;
  }

  private List<FakeBus.Node> nodes(int count) {
    List<FakeBus.Node> nodes = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      nodes.add(bus.node(NodeId.random()));
    }
    return nodes;
  }

  private void awaitUnique(int count) {
    await().atMost(TIMEOUT).until(() -> new HashSet<>(desk.ids()).size() == count);
  }

  private DetectionConfig config() {
    return new DetectionConfig(BusAccess.files(List.of(), Path.of("unused")), RULES, Start.EARLIEST)
        .archivingAlerts(new Catalog(data).alerts().toUri());
  }

  private EmbeddedJob run(int parallelism, String restoreFrom) throws IOException {
    return flink.submit(parallelism, restoreFrom, this::build);
  }

  private void build(StreamExecutionEnvironment env) {
    DetectionJob.build(env, config(), bus.dialer(), desk.dialer(), injected.stage());
  }
}
