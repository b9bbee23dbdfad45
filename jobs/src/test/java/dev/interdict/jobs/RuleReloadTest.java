package dev.interdict.jobs;

import static dev.interdict.jobs.TestRules.exec;
import static dev.interdict.jobs.TestRules.tick;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interdict.cep.RuleSet;
import dev.interdict.jobs.rules.RuleStatus;
import dev.interdict.jobs.source.Start;
import dev.interdict.record.NodeId;
import dev.interdict.schema.Alert;
import dev.interdict.schema.Event;
import dev.interdict.schema.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rules that change while the job runs, on a cluster of Flink's. */
class RuleReloadTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(20);

  @TempDir static Path cluster;
  private static EmbeddedFlinks flink;

  @TempDir Path directory;
  private final FakeBus bus = new FakeBus();
  private final AlertDesk desk = new AlertDesk();
  private final Injected injected = new Injected();
  private final AtomicReference<RuleStatus> status = new AtomicReference<>();
  private final String listener = Local.put((RuleStatus.Listener) status::set);
  private Path rules;

  @BeforeAll
  static void start() throws IOException {
    flink = EmbeddedFlinks.start(cluster, 4);
  }

  @AfterAll
  static void stop() throws IOException {
    flink.close();
  }

  @BeforeEach
  void writeRules() throws IOException {
    rules = directory.resolve("rules");
    base().writeTo(rules);
  }

  @AfterEach
  void cancel() throws IOException {
    flink.cancelAll();
    bus.close();
    desk.close();
    injected.close();
    Local.remove(listener);
  }

  private static TestRules base() {
    return TestRules.of("a", "b", "c")
        .rule("fatal", "critical")
        .sequence("abc", "60s", "rule: a", "rule: b", "rule: c");
  }

  @Test
  void shouldKeepPartialMatchesOfWhatIsUnchangedAndJudgeOldEventsByTheOldRules()
      throws IOException {
    List<FakeBus.Node> nodes = nodes(6);
    run(2, null);
    append(nodes, exec("a", "box", 0));
    append(nodes, exec("added", "box", 1));
    append(nodes, exec("fatal", "box1", 2));
    awaitAlerts("fatal", 6);

    base().rule("added", "high").writeTo(rules);
    awaitInEffect(2);
    append(nodes, exec("b", "box", 3));
    append(nodes, exec("added", "box", 4));
    append(nodes, exec("c", "box", 5));

    awaitAlerts("abc", 6);
    awaitAlerts("added", 6);
    assertThat(of("added")).allMatch(alert -> sequences(alert).equals(List.of(5L)));
    assertThat(of("abc")).allMatch(alert -> sequences(alert).equals(List.of(1L, 4L, 6L)));
  }

  @Test
  void shouldForgetPartialMatchesOfWhatChangedOrWasRemoved() throws IOException {
    List<FakeBus.Node> nodes = nodes(2);
    run(1, null);
    append(nodes, exec("a", "box", 0));
    append(nodes, exec("b", "box", 1));
    append(nodes, exec("fatal", "box2", 2));
    awaitAlerts("fatal", 2);

    TestRules.of("a", "b", "c").rule("fatal", "critical").writeTo(rules);
    awaitInEffect(1);
    base().writeTo(rules);
    awaitInEffect(1);
    append(nodes, exec("c", "box", 3));
    append(nodes, exec("fatal", "box3", 4));
    awaitAlerts("fatal", 4);
    assertThat(of("abc")).isEmpty();
  }

  @Test
  void shouldAskTheNodesForTheKindsOfTheNewRules() throws IOException {
    List<FakeBus.Node> nodes = nodes(1);
    run(1, null);
    append(nodes, exec("fatal", "box4", 0));
    awaitAlerts("fatal", 1);
    assertThat(nodes.get(0).asked()).containsExactlyInAnyOrder(Kind.EXEC, Kind.TICK);

    base().writeTo(rules);
    Files.writeString(
        rules.resolve("leaves.yml"),
        """
        title: Leaves
        id: %s
        logsource: {product: interdict, service: exit}
        detection:
          program: {process.exe: /bin/leaver}
          condition: program
        level: low
        """
            .formatted(TestRules.id("leaves")));
    awaitInEffect(1);
    append(nodes, exec("leaver", "box", 1).toBuilder().setKind(Kind.EXIT).clearExec().build());
    awaitAlerts("leaves", 1);
    assertThat(nodes.get(0).asked()).contains(Kind.EXIT);
    append(nodes, exec("fatal", "box5", 2));
    awaitAlerts("fatal", 2);
  }

  @Test
  void shouldStayWithTheOldRulesAndSayWhereTheNewOnesAreBroken() throws IOException {
    List<FakeBus.Node> nodes = nodes(2);
    run(1, null);
    append(nodes, exec("fatal", "box6", 0));
    awaitAlerts("fatal", 2);
    String before = status.get() == null ? hash() : status.get().active();

    Files.writeString(rules.resolve("broken.yml"), "title: Broken\ndetection: {x: {a: b}}\n");
    await().atMost(TIMEOUT).until(() -> status.get() != null && !status.get().problem().isEmpty());
    assertThat(status.get().problem()).contains(rules.resolve("broken.yml") + ":");
    assertThat(status.get().active()).isEqualTo(before);
    append(nodes, exec("fatal", "box7", 1));
    awaitAlerts("fatal", 4);

    Files.delete(rules.resolve("broken.yml"));
    await().atMost(TIMEOUT).until(() -> status.get().problem().isEmpty());
    assertThat(status.get().active()).isEqualTo(before);
  }

  @Test
  void shouldGoOnInMidSequenceWithTheNewRulesAfterRestoreAndRescaling() throws IOException {
    List<FakeBus.Node> nodes = nodes(12);
    RuleSet first = base().build();
    EmbeddedJob one = run(1, null, first);
    base().sequence("ab", "60s", "rule: a", "rule: b").writeTo(rules);
    awaitInEffect(1);
    append(nodes, exec("a", "box", 0));
    append(nodes, exec("fatal", "box8", 1));
    awaitAlerts("fatal", 12);

    // The job graph still holds the first set; the checkpoint knows better.
    EmbeddedJob two = run(2, one.stop(TIMEOUT), first);
    append(nodes, exec("b", "box", 2));
    awaitAlerts("ab", 12);

    run(1, two.stop(TIMEOUT), first);
    append(nodes, exec("c", "box", 3));
    awaitAlerts("abc", 12);
    assertThat(of("abc")).allMatch(alert -> sequences(alert).equals(List.of(1L, 3L, 4L)));
  }

  @Test
  void shouldJudgeEachEventByTheSameRulesWhenTheTaskFailsAfterAChange() throws IOException {
    List<FakeBus.Node> nodes = nodes(4);
    run(2, null);
    append(nodes, exec("added", "box", 0));
    append(nodes, exec("a", "box", 1));
    append(nodes, exec("fatal", "box9", 2));
    awaitAlerts("fatal", 4);
    base().rule("added", "high").writeTo(rules);
    awaitInEffect(2);
    append(nodes, exec("b", "box", 3));

    injected.armAfter(1);
    append(nodes, exec("added", "box", 4));
    append(nodes, exec("c", "box", 5));

    awaitAlerts("abc", 4);
    awaitAlerts("added", 4);
    assertThat(injected.failures()).isEqualTo(1);
    assertThat(of("added")).allMatch(alert -> sequences(alert).equals(List.of(5L)));
  }

  @Test
  void shouldJudgeANodeThatWasAwayForAnHourByItsOwnTime() throws IOException {
    long hour = Duration.ofHours(1).toMillis();
    TestRules.of("a", "b", "c")
        .sequence("abc", "60s", "rule: a", "rule: b", "rule: c")
        .sequence("a without b", "30s", "rule: a", "rule: b, absent: true, within: 10s")
        .writeTo(rules);
    FakeBus.Node present = bus.node(NodeId.random());
    FakeBus.Node away = bus.node(NodeId.random());
    EmbeddedJob job = run(2, null);
    away.append(exec("a", "box", 0));
    present.append(exec("a", "box", 0));
    present.append(tick(hour));
    awaitAlerts("a without b", 1);
    EmbeddedJob second = run(1, job.stop(TIMEOUT));

    // Back again: what it recorded meanwhile comes late, and is in time all the same.
    away.append(exec("b", "box", 5_000));
    away.append(exec("c", "box", 9_000));
    away.append(exec("a", "late", 3_000_000));
    away.append(tick(3_011_000));
    awaitAlerts("abc", 1);
    awaitAlerts("a without b", 2);
    assertThat(sequences(of("abc").get(0))).containsExactly(1L, 2L, 3L);
    assertThat(second.state(TIMEOUT)).isEqualTo("RUNNING");
  }

  @Test
  void shouldLetTheNodesGoOnlyOfWhatIsCheckpointed() throws IOException {
    FakeBus.Node node = nodes(1).get(0);
    EmbeddedJob job = run(1, null);
    node.append(exec("fatal", "box10", 0));
    node.append(exec("fatal", "box11", 1));
    awaitAlerts("fatal", 2);
    job.awaitCheckpoint(TIMEOUT);
    await()
        .atMost(TIMEOUT)
        .until(() -> node.acknowledged() != null && node.acknowledged().sequence() == 3);
  }

  private List<FakeBus.Node> nodes(int count) {
    List<FakeBus.Node> nodes = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      nodes.add(bus.node(NodeId.random()));
    }
    return nodes;
  }

  private static void append(List<FakeBus.Node> nodes, Event event) {
    nodes.forEach(node -> node.append(event));
  }

  private String hash() {
    try {
      return RuleSet.load(rules).hash();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** What lies in the directory is what every task has said it runs. */
  private void awaitInEffect(int tasks) {
    String hash = hash();
    await()
        .atMost(TIMEOUT)
        .until(
            () ->
                status.get() != null
                    && status.get().active().equals(hash)
                    && status.get().confirmed() == tasks);
  }

  private void awaitAlerts(String rule, int count) {
    await().atMost(TIMEOUT).until(() -> of(rule).size() == count);
  }

  /** Each alert once. */
  private List<Alert> of(String rule) {
    List<Alert> alerts = new ArrayList<>();
    HashSet<String> ids = new HashSet<>();
    for (Alert alert : desk.deliveries()) {
      if (alert.getRuleId().equals(TestRules.id(rule)) && ids.add(alert.getId())) {
        alerts.add(alert);
      }
    }
    return alerts;
  }

  private static List<Long> sequences(Alert alert) {
    return alert.getEvidenceList().stream()
        .map(evidence -> evidence.getPosition().getSequence())
        .toList();
  }

  private EmbeddedJob run(int parallelism, String restoreFrom) throws IOException {
    return run(parallelism, restoreFrom, RuleSet.load(rules));
  }

  private EmbeddedJob run(int parallelism, String restoreFrom, RuleSet initial) throws IOException {
    DetectionConfig config =
        new DetectionConfig(BusAccess.files(List.of(), Path.of("unused")), initial, Start.EARLIEST)
            .reloading(rules, Duration.ofMillis(50), listener);
    return flink.submit(
        parallelism,
        restoreFrom,
        env -> DetectionJob.build(env, config, bus.dialer(), desk.dialer(), injected.stage()));
  }
}
