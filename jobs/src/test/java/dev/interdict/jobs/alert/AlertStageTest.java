package dev.interdict.jobs.alert;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interdict.jobs.source.NodeKey;
import dev.interdict.record.NodeId;
import dev.interdict.schema.Alert;
import dev.interdict.schema.Container;
import dev.interdict.schema.Entity;
import dev.interdict.schema.Event;
import dev.interdict.schema.Evidence;
import dev.interdict.schema.Finding;
import dev.interdict.schema.Kind;
import dev.interdict.schema.Level;
import dev.interdict.schema.Position;
import dev.interdict.schema.Process;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AlertStageTest {
  private static final NodeId NODE = new NodeId(1, 2);
  private static final long SECOND = 1_000_000_000L;
  private static final long START = 1_700_000_000L * SECOND;
  private static final int LIMIT = 8;

  private KeyedOneInputStreamOperatorTestHarness<NodeId, Alert, Alert> harness;
  private long sequence;

  @BeforeEach
  void open() throws Exception {
    harness = harness(null);
  }

  @AfterEach
  void close() throws Exception {
    harness.close();
  }

  private static KeyedOneInputStreamOperatorTestHarness<NodeId, Alert, Alert> harness(
      OperatorSubtaskState state) throws Exception {
    KeyedOneInputStreamOperatorTestHarness<NodeId, Alert, Alert> harness =
        new KeyedOneInputStreamOperatorTestHarness<>(
            new KeyedProcessOperator<>(new AlertStage(Duration.ofSeconds(5), LIMIT)),
            alert -> NodeId.parse(alert.getEntity().getNode()),
            NodeKey.TYPE,
            128,
            1,
            0);
    harness.setup(AlertSerializer.INSTANCE);
    harness.setProcessingTime(START / 1_000_000);
    if (state != null) {
      harness.initializeState(state);
    }
    harness.open();
    return harness;
  }

  @Test
  void shouldFoldRepeatedFindingsIntoOneAlertAndLoseNone() throws Exception {
    List<String> fed = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      fed.add(feed("miner", Level.HIGH, "web", i));
    }
    pass(5);
    List<Alert> sent = sent();

    assertThat(sent.get(0).getCount()).isZero();
    assertThat(sent).extracting(Alert::getId).containsOnly(fed.get(0));
    assertThat(sent).hasSizeLessThan(6);
    Alert last = sent.get(sent.size() - 1);
    assertThat(last.getCount()).isEqualTo(200);
    assertThat(last.getLastTime()).isEqualTo(START + 199 * SECOND);
    Set<String> told = new HashSet<>(Set.of(sent.get(0).getId()));
    Set<Long> positions = new HashSet<>();
    for (Alert alert : sent) {
      for (Finding finding : alert.getFindingsList()) {
        assertThat(told.add(finding.getId())).isTrue();
        positions.add(finding.getEvidence(0).getSequence());
      }
    }
    assertThat(told).containsExactlyInAnyOrderElementsOf(fed);
    assertThat(positions).hasSize(199);

    // Nothing new: nothing is sent.
    pass(60);
    assertThat(sent()).isEmpty();
  }

  @Test
  void shouldNotFoldAcrossRulesEntitiesOrTheWindow() throws Exception {
    feed("miner", Level.HIGH, "web", 0);
    feed("shell", Level.HIGH, "web", 1);
    feed("miner", Level.HIGH, "db", 2);
    feed("miner", Level.HIGH, "web", 599);
    feed("miner", Level.HIGH, "web", 600);
    assertThat(sent())
        .extracting(Alert::getCount)
        .as("the fold whose window ended is sent before the new alert")
        .containsExactly(0L, 0L, 0L, 2L, 0L);
  }

  @Test
  void shouldTellTheStoryOfAContainerAsOneIncident() throws Exception {
    feed("Shell on a socket", Level.HIGH, "web", 0);
    feed("Reads credentials", Level.MEDIUM, "web", 30);
    feed("Shell on a socket", Level.HIGH, "db", 40);
    feed("Reads credentials", Level.MEDIUM, "web", 60);
    feed("Mines", Level.CRITICAL, "web", 90);
    List<Alert> alerts = sent();
    Alert last = alerts.get(alerts.size() - 1);

    assertThat(last.getIncident().getId()).isEqualTo(alerts.get(0).getIncident().getId());
    assertThat(alerts.get(2).getIncident().getId()).isNotEqualTo(last.getIncident().getId());
    assertThat(alerts)
        .extracting(alert -> alert.getIncident().getScore())
        .containsExactly(50, 62, 50, 100);
    assertThat(last.getIncident().getFindings()).isEqualTo(4);
    assertThat(last.getIncident().getSummary())
        .isEqualTo(
            "Container web on node "
                + NODE
                + ": Shell on a socket, then Reads credentials (2 times), then Mines, within 90 s;"
                + " score 100.");

    feed("Mines", Level.CRITICAL, "web", 90 + 3600);
    assertThat(sent().get(0).getIncident().getId()).isNotEqualTo(last.getIncident().getId());
  }

  @Test
  void shouldStayWithinItsLimitsAndSendWhatWaitedInThem() throws Exception {
    for (int i = 0; i < 10 * LIMIT; i++) {
      feed("rule " + i, Level.LOW, "box" + i, i);
      feed("rule " + i, Level.LOW, "box" + i, i);
    }
    pass(5);
    List<Alert> sent = sent();
    assertThat(sent.stream().filter(alert -> alert.getCount() == 2)).hasSize(10 * LIMIT);
    assertThat(harness.numKeyedStateEntries()).isLessThanOrEqualTo(2 * LIMIT + 2);
    pass(700);
    // What is over by the clock is forgotten; incidents only by what the node tells.
    assertThat(harness.numKeyedStateEntries()).isLessThanOrEqualTo(LIMIT + 1);
  }

  @Test
  void shouldGoOnFoldingAfterARestore() throws Exception {
    String first = feed("miner", Level.HIGH, "web", 0);
    feed("miner", Level.HIGH, "web", 1);
    OperatorSubtaskState state = harness.snapshot(1, 1);
    harness.close();
    harness = harness(state);
    feed("miner", Level.HIGH, "web", 2);
    pass(5);
    Alert update = sent().get(0);
    assertThat(update.getId()).isEqualTo(first);
    assertThat(update.getCount()).isEqualTo(3);
    assertThat(update.getFindingsCount()).isEqualTo(2);
    assertThat(update.getIncident().getFindings()).isEqualTo(3);
  }

  private String feed(String rule, Level level, String container, long second) throws Exception {
    long time = START + second * SECOND;
    sequence++;
    Container box = Container.newBuilder().setId(container).setName(container).build();
    Event event =
        Event.newBuilder()
            .setTime(time)
            .setKind(Kind.EXEC)
            .setProcess(Process.newBuilder().setId(7).setContainer(box))
            .build();
    String id = "finding" + sequence;
    harness.processElement(
        Alert.newBuilder()
            .setId(id)
            .setRuleId(rule)
            .setRuleTitle(rule)
            .setLevel(level)
            .setKey("container=" + container)
            .setTime(time)
            .setDetectedTime(START)
            .setEntity(
                Entity.newBuilder()
                    .setNode(NODE.toString())
                    .setExe("/bin/x")
                    .setCgroup("/" + container)
                    .setContainer(box))
            .addEvidence(
                Evidence.newBuilder()
                    .setPosition(
                        Position.newBuilder().setNode(NODE.toString()).setSequence(sequence))
                    .setEvent(event))
            .build(),
        time / 1_000_000);
    return id;
  }

  private void pass(long seconds) throws Exception {
    harness.setProcessingTime(START / 1_000_000 + seconds * 1000);
  }

  private List<Alert> sent() {
    List<Alert> alerts = new ArrayList<>(harness.extractOutputValues());
    harness.getOutput().clear();
    return alerts;
  }
}
