package dev.interdict.response;

import static dev.interdict.response.SampleAlerts.inContainer;
import static dev.interdict.response.SampleAlerts.nanos;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interdict.response.ContainmentRecord.Times;
import dev.interdict.schema.Alert;
import dev.interdict.schema.Event;
import dev.interdict.schema.Evidence;
import dev.interdict.schema.Exec;
import dev.interdict.schema.Kind;
import dev.interdict.schema.Level;
import dev.interdict.schema.Position;
import dev.interdict.schema.Process;
import dev.interdict.schema.ResponseStep;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AlertLogTest {
  private static final long NOW = nanos(SampleAlerts.TIME);

  @TempDir private Path directory;

  @Test
  void shouldReadBackWhatItWrote() throws Exception {
    ContainmentRecord decided =
        new ContainmentRecord(
            "c1",
            ContainmentState.DECIDED,
            "cut for 1m",
            "strict",
            true,
            false,
            Duration.ofMinutes(1),
            "shop/shop-web",
            new ContainmentRecord.Approval(11, true, "anna"),
            List.of(
                Steps.of(
                        StepKind.TAINT,
                        ResponseStep.When.ALWAYS,
                        Level.HIGH,
                        Map.of("key", "a", "value", "b", "effect", "NoSchedule"),
                        true)
                    .toBuilder()
                    .setBegun(12)
                    .setUndo(ResponseStep.Undo.UNDO_DUE)
                    .setUndoReason("later")
                    .setUndone(13)
                    .build()),
            Times.decided(NOW, NOW + 20_000_000, 3, 4, 5),
            inContainer("a1"));
    ContainmentRecord held =
        decided.with(
            ContainmentState.IN_FORCE,
            "confirmed by the node",
            decided.times().withSent(6).withVerified(7, 8).withReleaseAsked(9).withEnded(10));
    try (AlertLog log = AlertLog.open(directory)) {
      log.decision(decided, NOW);
      log.sync();
      log.change(held, NOW + 1);
    }

    try (AlertLog log = AlertLog.open(directory)) {
      Ledger ledger = new Ledger();
      log.replay(ledger, NOW + 2);
      assertThat(ledger.records()).containsExactly(held);
      assertThat(ledger.knows("a1")).isTrue();
    }
  }

  @Test
  void shouldNotReplayWhatCanNoLongerMatter() throws Exception {
    ContainmentRecord old =
        new Decider(Policies.observing(), new Ledger(), Workloads.NONE)
            .decide(inContainer("a1"), NOW, NOW);
    try (AlertLog log = AlertLog.open(directory)) {
      log.decision(old, NOW);
      log.sync();
      Ledger ledger = new Ledger();
      log.replay(ledger, NOW + AlertLog.REPLAYED.plusDays(1).toNanos());
      assertThat(ledger.records()).isEmpty();
    }
  }

  @Test
  void shouldDropTheLargestBodiesOfAnAlertThatDoesNotFit() {
    Alert large =
        inContainer("a1").toBuilder()
            .addEvidence(evidence(1, 1_000))
            .addEvidence(evidence(2, 200_000))
            .addEvidence(evidence(3, 150_000))
            .build();

    Alert fitting = AlertLog.fitting(large);

    assertThat(fitting.getSerializedSize()).isLessThan(AlertLog.MAX_ALERT_BYTES);
    assertThat(fitting.getEvidence(0)).isEqualTo(large.getEvidence(0));
    assertThat(fitting.getEvidence(1).hasEvent()).isFalse();
    assertThat(fitting.getEvidence(1).getPosition().getSequence()).isEqualTo(2);
    assertThat(fitting.getEvidence(2)).isEqualTo(large.getEvidence(2));
  }

  @Test
  void shouldRefuseAnAlertThatCannotBeMadeToFit() {
    Alert alert = inContainer("a1").toBuilder().setKey("k".repeat(300_000)).build();

    assertThatThrownBy(() -> AlertLog.fitting(alert))
        .hasMessageStartingWith("invalid alert.size=300");
  }

  private static Evidence evidence(long sequence, int size) {
    return Evidence.newBuilder()
        .setStep("shell")
        .setPosition(Position.newBuilder().setNode(SampleAlerts.NODE).setSequence(sequence))
        .setEvent(
            Event.newBuilder()
                .setTime(NOW)
                .setKind(Kind.EXEC)
                .setProcess(Process.newBuilder().addArgs("x".repeat(size)))
                .setExec(Exec.getDefaultInstance()))
        .build();
  }
}
