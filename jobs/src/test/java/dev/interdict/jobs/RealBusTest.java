package dev.interdict.jobs;

import static dev.interdict.jobs.TestRules.exec;
import static dev.interdict.jobs.TestRules.tick;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interdict.bus.tls.Role;
import dev.interdict.cep.RuleSet;
import dev.interdict.jobs.source.Start;
import dev.interdict.schema.Alert;
import dev.interdict.storage.Catalog;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The jobs as they run in one process: real recorders, real TLS, a real responder. */
class RealBusTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(30);
  private static final RuleSet RULES =
      TestRules.of("a", "b", "c").sequence("abc", "60s", "rule: a", "rule: b", "rule: c").build();

  @TempDir static Path cluster;
  private static EmbeddedFlink flink;

  @TempDir Path directory;
  private final List<Alert> alerts = new CopyOnWriteArrayList<>();
  private TestBus bus;
  private EmbeddedJob running;

  @BeforeAll
  static void startFlink() throws IOException {
    flink = EmbeddedFlink.start(new EmbeddedFlink.Settings(cluster, 2, Duration.ofMillis(500)));
  }

  @AfterAll
  static void stopFlink() throws IOException {
    flink.close();
  }

  @BeforeEach
  void start() throws IOException {
    bus = new TestBus(directory.resolve("nodes"));
    bus.respond(alerts::add);
  }

  @AfterEach
  void stop() throws Exception {
    running.cancel(TIMEOUT);
    bus.close();
  }

  @Test
  void shouldCarryASequenceFromTheRecorderToTheResponder() throws IOException {
    BusAccess access = flink.access(bus.config(Role.CONSUMER, "jobs"));
    TestBus.Node node = bus.node("one");
    node.append(exec("a", "box", 0));
    EmbeddedJob job = flink.submitDetection(new DetectionConfig(access, RULES, Start.EARLIEST), 1);
    job.awaitRunning(TIMEOUT);
    node.append(exec("x", "box", 1));
    node.append(exec("b", "box", 2));
    String checkpoint = job.stop(TIMEOUT);

    // Both the job and the node go away and come back.
    node.append(tick(3));
    bus.leave(node);
    TestBus.Node again = bus.node("one");
    running =
        flink.submitDetection(
            new DetectionConfig(access, RULES, Start.EARLIEST), 2, checkpoint, null);
    again.append(exec("c", "box", 4));

    await().atMost(TIMEOUT).until(() -> !alerts.isEmpty());
    Alert alert = alerts.get(0);
    assertThat(alert.getKey()).isEqualTo("container=box");
    assertThat(alert.getEvidenceList())
        .extracting(evidence -> evidence.getEvent().getProcess().getExe())
        .containsExactly("/bin/a", "/bin/b", "/bin/c");
    assertThat(alert.getEvidenceList())
        .extracting(evidence -> evidence.getPosition().getNode())
        .containsOnly(node.id().toString());
    assertThat(alerts).hasSize(1);
  }

  @Test
  void shouldArchiveWhatTheRecordersHold() throws IOException, SQLException {
    BusAccess access = flink.access(bus.config(Role.CONSUMER, "jobs"));
    Catalog catalog = new Catalog(directory.resolve("data"));
    Set<String> recorded = new TreeSet<>();
    TestBus.Node early = bus.node("early");
    append(early, 300, recorded);
    EmbeddedJob job =
        flink.submitArchive(new ArchiveConfig(access, catalog.events().toUri(), Start.EARLIEST), 2);
    running = job;
    job.awaitRunning(TIMEOUT);
    append(bus.node("late"), 200, recorded);
    append(early, 100, recorded);

    await()
        .atMost(TIMEOUT)
        .ignoreExceptions()
        .until(
            () -> {
              job.awaitCheckpoint(TIMEOUT);
              return ArchivedPositions.in(catalog).containsAll(recorded);
            });
    List<String> archived = ArchivedPositions.in(catalog);
    assertThat(archived).doesNotHaveDuplicates();
    archived.removeAll(recorded);
    assertThat(archived).isEmpty();
  }

  private static void append(TestBus.Node node, int count, Set<String> recorded) {
    for (int i = 0; i < count; i++) {
      long sequence = node.append(exec("x", "box", i));
      recorded.add(node.id() + "/" + node.recorder().epoch() + "/" + sequence);
    }
  }
}
