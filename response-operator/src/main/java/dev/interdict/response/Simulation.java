package dev.interdict.response;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.interdict.record.FrameDecoder;
import dev.interdict.record.OfflineRecorder;
import dev.interdict.record.RecorderReader;
import dev.interdict.schema.Alert;
import dev.interdict.schema.Kind;
import dev.interdict.schema.ResponseEntry;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;

/**
 * What policies would have done with alerts of the past, had they enforced: every policy is taken
 * as if its mode were enforce, every node as one that obeys at once, and nobody as there to
 * approve. Who owned a container then is not known now, so that what asks for an owner matches
 * nothing.
 */
public final class Simulation {
  static final int MAX_ALERTS = 1_000_000;
  private static final long ALL_KINDS = -1;

  private final Ledger ledger = new Ledger();
  private final Decider decider;
  private final Policies policies;
  private final Queue<ContainmentRecord> inForce = new ArrayDeque<>();

  private Simulation(Policies policies) {
    this.policies = policies.enforcing();
    decider = new Decider(this.policies, ledger, Workloads.NONE);
  }

  /** In the order of the alerts' times. */
  public static List<ContainmentSummary> run(Policies policies, List<Alert> alerts)
      throws IOException {
    List<Alert> inOrder = new ArrayList<>(alerts);
    inOrder.sort(Comparator.comparingLong(Alert::getTime));
    Simulation simulation = new Simulation(policies);
    List<ContainmentSummary> decisions = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (Alert alert : inOrder) {
      if (seen.add(alert.getId())) {
        decisions.add(ContainmentSummary.of(simulation.decide(alert)));
      }
    }
    return decisions;
  }

  /**
   * JSON lines, or a responder's data directory.
   *
   * @throws InvalidAlertsException naming file and line
   */
  public static List<Alert> alerts(Path source) throws IOException {
    if (Files.isDirectory(source)) {
      Path log = source.resolve("alerts");
      return fromLog(Files.isDirectory(log) ? log : source);
    }
    try (BufferedReader lines = Files.newBufferedReader(source)) {
      return AlertJson.read(source.toString(), lines);
    }
  }

  public static List<Alert> alerts(String name, BufferedReader lines) throws IOException {
    return AlertJson.read(name, lines);
  }

  private static List<Alert> fromLog(Path directory) throws IOException {
    List<Alert> alerts = new ArrayList<>();
    OfflineRecorder log = OfflineRecorder.open(directory);
    if (log.isEmpty()) {
      return alerts;
    }
    try (RecorderReader reader = log.reader(0, ALL_KINDS);
        FrameDecoder frame = new FrameDecoder()) {
      while (reader.next()) {
        for (int i = 0; i < reader.frames(); i++) {
          frame.wrap(reader.frame(i));
          while (frame.next()) {
            if (frame.kind() != Kind.GAP_VALUE) {
              addAlert(frame, alerts);
            }
          }
        }
      }
    }
    return alerts;
  }

  private static void addAlert(FrameDecoder frame, List<Alert> alerts) throws IOException {
    try {
      ResponseEntry entry =
          ResponseEntry.parseFrom(ByteBuffer.wrap(frame.array(), frame.offset(), frame.length()));
      if (entry.hasAlert()) {
        alerts.add(entry.getAlert().toBuilder().clearEvidence().clearFindings().build());
      }
    } catch (InvalidProtocolBufferException e) {
      throw new IOException("entry of the alert log at sequence=" + frame.sequence(), e);
    }
  }

  private ContainmentRecord decide(Alert alert) {
    long now = Math.max(alert.getTime(), alert.getDetectedTime());
    Alert complete = alert;
    if (alert.getEntity().getNode().isEmpty() || alert.getEntity().getCgroup().isEmpty()) {
      complete = located(alert); // Recorded events of other tools name neither.
    }
    expire(now);
    ledger.put(ledger.standing().withPolicies(policies.names(), now));
    String why = decider.disarming(complete, now);
    if (why != null) {
      ledger.put(ledger.standing().disarm(alert.getRuleId(), why, now));
    }
    ContainmentRecord decision = decider.decide(complete, now, now);
    ledger.put(decision);
    if (decision.state() == ContainmentState.DECIDED) {
      long until = now + decision.ttl().toNanos();
      ContainmentRecord held =
          decision.with(
              ContainmentState.IN_FORCE,
              decision.reason(),
              decision.times().withVerified(now, until));
      ledger.put(held);
      inForce.add(held);
    } else if (decision.state() == ContainmentState.WAITING) {
      inForce.add(decision);
    }
    return decision;
  }

  private static Alert located(Alert alert) {
    Alert.Builder complete = alert.toBuilder();
    if (alert.getEntity().getNode().isEmpty()) {
      complete.getEntityBuilder().setNode("unknown");
    }
    if (alert.getEntity().getCgroup().isEmpty()) {
      complete.getEntityBuilder().setCgroup("/" + alert.getKey());
    }
    return complete.build();
  }

  private void expire(long now) {
    inForce.removeIf(
        record -> {
          long end =
              record.state() == ContainmentState.WAITING
                  ? record.approval().before()
                  : record.times().until();
          if (end > now) {
            return false;
          }
          ContainmentState over =
              record.state() == ContainmentState.WAITING
                  ? ContainmentState.SKIPPED // so that it spends nothing
                  : ContainmentState.EXPIRED;
          ledger.put(record.with(over, "its time was over", record.times()));
          return true;
        });
  }
}
