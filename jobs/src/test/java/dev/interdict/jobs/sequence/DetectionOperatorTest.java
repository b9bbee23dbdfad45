package dev.interdict.jobs.sequence;

import static dev.interdict.jobs.TestRules.exec;
import static dev.interdict.jobs.TestRules.tick;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interdict.cep.RuleSet;
import dev.interdict.jobs.TestRules;
import dev.interdict.jobs.source.NodeEvent;
import dev.interdict.record.NodeId;
import dev.interdict.schema.Alert;
import dev.interdict.schema.Event;
import dev.interdict.schema.Level;
import java.util.List;
import org.junit.jupiter.api.Test;

class DetectionOperatorTest {
  private static final NodeId NODE = new NodeId(1, 1);
  private static final NodeId OTHER = new NodeId(2, 2);
  private static final RuleSet ABC =
      TestRules.of("a", "b", "c").sequence("abc", "60s", "rule: a", "rule: b", "rule: c").build();

  @Test
  void shouldAlertWhenTheStepsFollowEachOtherInOneContainer() throws Exception {
    try (DetectionHarness detection = DetectionHarness.start(ABC)) {
      detection.feed(NODE, exec("a", "box", 0));
      detection.feed(NODE, exec("other", "box", 5));
      detection.feed(NODE, exec("b", "elsewhere", 10));
      detection.feed(NODE, exec("b", "box", 20));
      assertThat(detection.alerts()).isEmpty();
      NodeEvent last = detection.feed(NODE, exec("c", "box", 30));

      Alert alert = detection.alerts().get(0);
      assertThat(alert.getRuleId()).isEqualTo(TestRules.id("abc"));
      assertThat(alert.getLevel()).isEqualTo(Level.HIGH);
      assertThat(alert.getTechniquesList()).containsExactly("T1059.004");
      assertThat(alert.getKey()).isEqualTo("container=box");
      assertThat(DetectionHarness.positions(alert)).containsExactly(1L, 4L, 5L);
      assertThat(alert.getEvidence(2).getEvent()).isEqualTo(Event.parseFrom(last.body()));
      assertThat(alert.getEvidence(2).getPosition().getNode()).isEqualTo(NODE.toString());
      assertThat(alert.getTime()).isEqualTo(last.time());
      assertThat(alert.getDetectedTime()).isGreaterThan(alert.getTime());
      assertThat(alert.getEntity().getCgroup()).isEqualTo("/box/box");
      assertThat(alert.getEntity().getCgroupId()).isEqualTo(4711);
      assertThat(alert.getEntity().getContainer().getId()).isEqualTo("box");
      assertThat(alert.getEntity().getExe()).isEqualTo("/bin/c");
      assertThat(alert.getId()).matches("[0-9a-f]{32}");
    }
  }

  @Test
  void shouldGiveTheSameFindingTheSameIdOnReplay() throws Exception {
    assertThat(idOfAbc(NODE)).isEqualTo(idOfAbc(NODE)).isNotEqualTo(idOfAbc(OTHER));
  }

  private static String idOfAbc(NodeId node) throws Exception {
    try (DetectionHarness detection = DetectionHarness.start(ABC)) {
      detection.feed(node, exec("a", "box", 0));
      detection.feed(node, exec("b", "box", 1));
      detection.feed(node, exec("c", "box", 2));
      List<Alert> alerts = detection.alerts();
      assertThat(alerts).hasSize(1);
      return alerts.get(0).getId();
    }
  }

  @Test
  void shouldAlertOnASingleEventUnlessItIsABuildingBlock() throws Exception {
    RuleSet rules = new TestRules().rule("loud", "high").rule("quiet", "informational").build();
    try (DetectionHarness detection = DetectionHarness.start(rules)) {
      detection.feed(NODE, exec("loud", "box", 0));
      detection.feed(NODE, exec("quiet", "box", 1));
      List<Alert> alerts = detection.alerts();
      assertThat(alerts).extracting(Alert::getRuleId).containsExactly(TestRules.id("loud"));
      assertThat(alerts.get(0).getKey()).isEqualTo("container=box");
      assertThat(DetectionHarness.positions(alerts.get(0))).containsExactly(1L);
    }
  }

  @Test
  void shouldGoOnInMidSequenceAfterARestore() throws Exception {
    DetectionHarness detection = DetectionHarness.start(ABC);
    detection.feed(NODE, exec("a", "box", 0));
    detection.feed(NODE, exec("b", "box", 1));
    try (DetectionHarness restored = detection.restore(ABC)) {
      restored.feed(NODE, exec("c", "box", 2));
      assertThat(restored.evidence()).containsExactly(List.of(1L, 2L, 3L));
      restored.feed(NODE, tick(70_000));
      assertThat(restored.stateEntries()).isZero();
    }
  }

  @Test
  void shouldForgetAPartialMatchWhenTheNodesClockPassesTheWindow() throws Exception {
    try (DetectionHarness detection = DetectionHarness.start(ABC)) {
      detection.feed(NODE, exec("a", "box", 0));
      detection.feed(NODE, exec("b", "box", 100));
      detection.feed(NODE, tick(59_000));
      assertThat(detection.stateEntries()).isPositive();
      detection.feed(NODE, tick(60_500));
      assertThat(detection.stateSize().values()).containsOnly(0L);
      detection.feed(NODE, exec("c", "box", 60_600));
      assertThat(detection.alerts()).isEmpty();
    }
  }

  @Test
  void shouldNotMatchBeyondTheWindowWithoutATickInBetween() throws Exception {
    try (DetectionHarness detection = DetectionHarness.start(ABC)) {
      detection.feed(NODE, exec("a", "box", 0));
      detection.feed(NODE, exec("b", "box", 100));
      detection.feed(NODE, exec("c", "box", 60_000));
      assertThat(detection.alerts()).isEmpty();
    }
  }

  @Test
  void shouldJudgeANodeThatWasAwayByItsOwnTime() throws Exception {
    try (DetectionHarness detection = DetectionHarness.start(ABC)) {
      detection.feed(OTHER, exec("a", "box", 0));
      detection.feed(NODE, tick(3_600_000));
      detection.feed(OTHER, exec("b", "box", 1_000));
      detection.feed(NODE, tick(7_200_000));
      detection.feed(OTHER, exec("c", "box", 2_000));
      assertThat(detection.evidence()).containsExactly(List.of(1L, 2L, 3L));
    }
  }

  @Test
  void shouldLeaveNothingBehindAfterAMatch() throws Exception {
    try (DetectionHarness detection = DetectionHarness.start(ABC)) {
      for (int i = 0; i < 50; i++) {
        detection.feed(NODE, exec("a", "box" + i, i));
        detection.feed(NODE, exec("b", "box" + i, i));
        detection.feed(NODE, exec("c", "box" + i, i));
      }
      assertThat(detection.alerts()).hasSize(50);
      assertThat(detection.stateSize())
          .containsEntry("partials", 0L)
          .containsEntry("sharedBuffer-events", 0L)
          .containsEntry("sharedBuffer-events-count", 0L);
      detection.feed(NODE, tick(61_000));
      assertThat(detection.stateSize().values()).containsOnly(0L);
    }
  }

  @Test
  void shouldReportOneFindingForSeveralBeginnings() throws Exception {
    try (DetectionHarness detection = DetectionHarness.start(ABC)) {
      for (String program : List.of("a", "a", "a", "b", "b", "c", "c")) {
        detection.feed(NODE, exec(program, "box", 1));
      }
      assertThat(detection.evidence()).containsExactly(List.of(1L, 4L, 6L));
    }
  }

  @Test
  void shouldRespectAnAbsentStepInBetween() throws Exception {
    RuleSet rules =
        TestRules.of("a", "n", "b")
            .sequence("quiet", "60s", "rule: a", "rule: n, absent: true", "rule: b")
            .build();
    try (DetectionHarness detection = DetectionHarness.start(rules)) {
      detection.feed(NODE, exec("a", "one", 0));
      detection.feed(NODE, exec("n", "one", 1));
      detection.feed(NODE, exec("b", "one", 2));
      detection.feed(NODE, exec("a", "two", 3));
      detection.feed(NODE, exec("n", "one", 4));
      detection.feed(NODE, exec("b", "two", 5));
      assertThat(detection.evidence()).containsExactly(List.of(4L, 6L));
      detection.feed(NODE, tick(61_000));
      assertThat(detection.stateEntries()).isZero();
    }
  }

  @Test
  void shouldWaitForANodeBeforeItCallsAStepAbsent() throws Exception {
    RuleSet rules =
        TestRules.of("a", "n")
            .sequence("never", "60s", "rule: a", "rule: n, absent: true, within: 10s")
            .build();
    try (DetectionHarness detection = DetectionHarness.start(rules)) {
      detection.feed(NODE, exec("a", "one", 0));
      detection.feed(NODE, exec("a", "two", 0));
      detection.feed(OTHER, tick(3_600_000));
      detection.feed(NODE, exec("n", "two", 9_000));
      assertThat(detection.alerts()).isEmpty();
      detection.feed(NODE, tick(10_500));
      assertThat(detection.evidence()).containsExactly(List.of(1L));
      detection.feed(NODE, tick(80_000));
      assertThat(detection.alerts()).isEmpty();
      assertThat(detection.stateEntries()).isZero();
    }
  }

  @Test
  void shouldLimitTheGapBeforeAStep() throws Exception {
    RuleSet rules =
        TestRules.of("a", "b").sequence("soon", "60s", "rule: a", "rule: b, within: 5s").build();
    try (DetectionHarness detection = DetectionHarness.start(rules)) {
      detection.feed(NODE, exec("a", "one", 0));
      detection.feed(NODE, exec("b", "one", 5_000));
      detection.feed(NODE, exec("a", "one", 6_000));
      detection.feed(NODE, exec("b", "one", 10_999));
      assertThat(detection.evidence()).containsExactly(List.of(3L, 4L));
    }
  }

  @Test
  void shouldCountRepetitionsOfAStep() throws Exception {
    RuleSet rules =
        TestRules.of("a", "b").sequence("often", "60s", "rule: a, times: 3", "rule: b").build();
    try (DetectionHarness detection = DetectionHarness.start(rules)) {
      detection.feed(NODE, exec("a", "one", 0));
      detection.feed(NODE, exec("a", "one", 1));
      detection.feed(NODE, exec("b", "one", 2));
      assertThat(detection.alerts()).isEmpty();
      detection.feed(NODE, exec("a", "one", 3));
      detection.feed(NODE, exec("b", "one", 4));
      assertThat(detection.evidence()).containsExactly(List.of(1L, 2L, 4L, 5L));
    }
  }

  @Test
  void shouldLetOneEventMeetTwoStepsOnlyWhereTheSequenceSaysSo() throws Exception {
    RuleSet same =
        TestRules.of("a", "b")
            .sequence("same", "60s", "rule: a", "rules: [a, b], same_event: true")
            .build();
    RuleSet later =
        TestRules.of("a", "b").sequence("later", "60s", "rule: a", "rules: [a, b]").build();
    try (DetectionHarness detection = DetectionHarness.start(same)) {
      detection.feed(NODE, exec("a", "one", 0));
      assertThat(detection.evidence()).containsExactly(List.of(1L, 1L));
      assertThat(detection.stateEntries()).isZero();
    }
    try (DetectionHarness detection = DetectionHarness.start(later)) {
      detection.feed(NODE, exec("a", "one", 0));
      assertThat(detection.alerts()).isEmpty();
      detection.feed(NODE, exec("a", "one", 1));
      assertThat(detection.evidence()).containsExactly(List.of(1L, 2L));
    }
  }

  @Test
  void shouldCompareAnEventWithThoseOfTheStepsBefore() throws Exception {
    RuleSet rules =
        TestRules.of("a", "b", "n")
            .sequence(
                "other-user",
                "60s",
                "rule: a, as: first",
                "{rule: n, as: no, absent: true, where: no.process.uid == first.process.uid}",
                "{rule: b, as: then, where: first.process.uid != then.process.uid, when: {process.uid|lt: 9}}")
            .build();
    try (DetectionHarness detection = DetectionHarness.start(rules)) {
      detection.feed(NODE, as(1, exec("a", "box", 0)));
      detection.feed(NODE, as(2, exec("n", "box", 1)));
      detection.feed(NODE, as(1, exec("b", "box", 2)));
      detection.feed(NODE, as(9, exec("b", "box", 3)));
      assertThat(detection.alerts()).isEmpty();
      DetectionHarness restored = detection.restore(rules);
      restored.feed(NODE, as(2, exec("b", "box", 4)));
      assertThat(restored.evidence()).containsExactly(List.of(1L, 5L));
      restored.feed(NODE, as(1, exec("a", "box", 5)));
      restored.feed(NODE, as(1, exec("n", "box", 6)));
      restored.feed(NODE, as(2, exec("b", "box", 7)));
      assertThat(restored.alerts()).isEmpty();
      restored.feed(NODE, tick(70_000));
      assertThat(restored.stateEntries()).isZero();
      restored.close();
    }
  }

  private static Event as(int uid, Event event) {
    return event.toBuilder().setProcess(event.getProcess().toBuilder().setUid(uid)).build();
  }

  @Test
  void shouldMarkAndCountWhatAnExceptionHoldsFor() throws Exception {
    TestRules base =
        TestRules.of("a", "b")
            .correlation("ab", "type: temporal\nrules: [a, b]\ntimespan: 1m\ngenerate: true");
    RuleSet rules = base.exception("2023-11-14", "{rules: any, when: {process.uid: 5}}").build();
    try (DetectionHarness detection = DetectionHarness.start(rules)) {
      detection.feed(NODE, as(5, exec("a", "box", 0)));
      detection.feed(NODE, as(5, exec("b", "box", 1)));
      detection.feed(NODE, as(6, exec("b", "box", 2)));
      detection.feed(NODE, as(5, exec("a", "box", 3)));
      // START is 22:13:20 of the exception's last day.
      detection.feed(NODE, as(5, exec("a", "box", 86_400_000)));
      List<Alert> alerts = detection.alerts();
      assertThat(alerts)
          .extracting(
              alert -> alert.getRuleTitle() + (alert.getSuppressedBy().isEmpty() ? "" : "!"))
          .containsExactly(
              "Runs a!",
              "Runs b!",
              "Correlation ab!",
              "Runs b",
              "Runs a!",
              "Correlation ab",
              "Runs a");
      assertThat(alerts.get(0).getSuppressedBy()).isEqualTo(TestRules.id("exception"));
      assertThat(alerts.get(0).getSuppressedReason()).isEqualTo("known (Test, until 2023-11-14)");
      assertThat(detection.suppressed()).isEqualTo(4);
    }
  }

  @Test
  void shouldTellLevelResponseAndEvidenceOfTheRule() throws Exception {
    RuleSet rules =
        TestRules.of("b")
            .rule(
                "a",
                """
                low
                response: isolate
                evidence: [process.exe, file.path]
                severity:
                  - {level: critical, when: {process.uid: 0}, reason: as root}
                """)
            .correlation(
                "ab", "type: temporal_ordered\nrules: [a, b]\ntimespan: 1m\ngenerate: true")
            .build();
    try (DetectionHarness detection = DetectionHarness.start(rules)) {
      detection.feed(NODE, as(0, exec("a", "box", 0)));
      detection.feed(NODE, as(5, exec("a", "box", 1)));
      detection.feed(NODE, as(5, exec("b", "box", 2)));
      List<Alert> alerts = detection.alerts();
      assertThat(alerts)
          .extracting(Alert::getLevel)
          .containsExactly(Level.CRITICAL, Level.LOW, Level.LOW, Level.HIGH);
      assertThat(alerts).extracting(Alert::getLevelReason).containsExactly("as root", "", "", "");
      assertThat(alerts)
          .extracting(Alert::getResponse)
          .containsExactly("isolate", "isolate", "", "");
      assertThat(alerts.get(3).getEvidence(0).getFieldsMap())
          .isEqualTo(java.util.Map.of("process.exe", "/bin/a"));
      assertThat(alerts.get(3).getEvidence(1).getFieldsMap()).isEmpty();
    }
  }

  @Test
  void shouldBoundThePartialMatchesOfOneKey() throws Exception {
    try (DetectionHarness detection = DetectionHarness.start(ABC)) {
      for (int i = 0; i < 1_000; i++) {
        detection.feed(NODE, exec("a", "box", i));
      }
      detection.feed(NODE, exec("b", "box", 1_000));
      detection.feed(NODE, exec("c", "box", 1_001));
      List<List<Long>> evidence = detection.evidence();
      assertThat(evidence).hasSize(1);
      assertThat(evidence.get(0).get(0)).isBetween(980L, 1_000L);
      detection.feed(NODE, tick(70_000));
      assertThat(detection.stateEntries()).isZero();
    }
  }

  @Test
  void shouldKeepPartialMatchesOfUnchangedSequencesWhenTheRulesChange() throws Exception {
    RuleSet before =
        TestRules.of("a", "b", "c")
            .sequence("kept", "60s", "rule: a", "rule: b")
            .sequence("dropped", "60s", "rule: a", "rule: c")
            .build();
    RuleSet after =
        TestRules.of("z", "c", "b", "a")
            .sequence("new", "60s", "rule: z", "rule: c")
            .sequence("kept", "60s", "rule: a", "rule: b")
            .build();
    DetectionHarness detection = DetectionHarness.start(before);
    detection.feed(NODE, exec("a", "box", 0));
    try (DetectionHarness restored = detection.restore(after)) {
      restored.feed(NODE, exec("b", "box", 1));
      restored.feed(NODE, exec("c", "box", 2));
      assertThat(restored.alerts())
          .extracting(Alert::getRuleId)
          .containsExactly(TestRules.id("kept"));
      restored.feed(NODE, tick(61_000));
      assertThat(restored.stateEntries()).isZero();
    }
  }

  @Test
  void shouldSkipAnEventThatCannotBeDecoded() throws Exception {
    try (DetectionHarness detection = DetectionHarness.start(ABC)) {
      detection.feed(NODE, exec("a", "box", 0));
      detection.feed(NODE, exec("b", "box", 1));
      detection.feedBytes(NODE, exec("c", "box", 2), 40);
      assertThat(detection.alerts()).isEmpty();
      detection.feed(NODE, exec("c", "box", 3));
      assertThat(detection.evidence()).containsExactly(List.of(1L, 2L, 4L));
    }
  }
}
