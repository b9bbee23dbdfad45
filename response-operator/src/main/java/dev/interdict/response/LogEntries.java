package dev.interdict.response;

import dev.interdict.response.ContainmentRecord.Approval;
import dev.interdict.response.ContainmentRecord.Times;
import dev.interdict.schema.Alert;
import dev.interdict.schema.ResponseEntry;
import java.time.Duration;

/** Containment records as they stand in the log. */
final class LogEntries {
  private LogEntries() {}

  static ResponseEntry entry(ContainmentRecord record, ResponseEntry.Kind kind, long now) {
    Times times = record.times();
    ResponseEntry.Builder entry =
        ResponseEntry.newBuilder()
            .setTime(now)
            .setKind(kind)
            .setId(record.id())
            .setState(ResponseEntry.State.valueOf(record.state().name()))
            .setReason(record.reason())
            .setPolicy(record.policy())
            .setCut(record.cut())
            .setFreeze(record.freeze())
            .setTtlSeconds((int) record.ttl().toSeconds())
            .setReceived(times.received())
            .setDecided(times.decided())
            .setActBefore(times.actBefore())
            .setSent(times.sent())
            .setVerified(times.verified())
            .setUntil(times.until())
            .setReleaseAsked(times.releaseAsked())
            .setEnded(times.ended())
            .setWorkload(record.workload())
            .setApproveBefore(record.approval().before())
            .setActUnapproved(record.approval().act())
            .setDecidedBy(record.approval().by())
            .addAllSteps(record.steps());
    if (kind == ResponseEntry.Kind.DECISION) {
      entry.setAlert(record.alert());
    }
    return entry.build();
  }

  static ContainmentRecord record(ResponseEntry entry, Alert alert) {
    return new ContainmentRecord(
        entry.getId(),
        ContainmentState.valueOf(entry.getState().name()),
        entry.getReason(),
        entry.getPolicy(),
        entry.getCut(),
        entry.getFreeze(),
        Duration.ofSeconds(entry.getTtlSeconds()),
        entry.getWorkload(),
        new Approval(entry.getApproveBefore(), entry.getActUnapproved(), entry.getDecidedBy()),
        entry.getStepsList(),
        new Times(
            alert.getTime(),
            alert.getDetectedTime(),
            entry.getReceived(),
            entry.getDecided(),
            entry.getActBefore(),
            entry.getSent(),
            entry.getVerified(),
            entry.getUntil(),
            entry.getReleaseAsked(),
            entry.getEnded()),
        alert);
  }
}
