package dev.interdict.jobs.alert;

import dev.interdict.schema.Alert;
import dev.interdict.schema.Evidence;
import dev.interdict.schema.Finding;
import dev.interdict.schema.Incident;

/**
 * Findings of one rule on one entity as one alert. The first finding is the alert; those that
 * follow within the window are added to it, and the alert is sent again under its id with those
 * that came since.
 */
final class Folding {
  /** Of the node's time, from the first finding: what goes on for longer is an alert again. */
  static final long WINDOW_NANOS = 10L * 60 * 1_000_000_000;

  /** An alert that was added so much to is sent again at once. */
  static final int MAX_WAITING = 64;

  private Folding() {}

  /**
   * What is told apart: a response acts upon the cgroup, so that findings in two are two alerts; so
   * are those of another level, and those that an exception holds for.
   */
  static String keyOf(Alert alert) {
    return String.join(
        "\n",
        alert.getRuleId(),
        alert.getKey(),
        alert.getEntity().getCgroup(),
        alert.getLevel().name(),
        alert.getSuppressedBy());
  }

  /**
   * Bodies of events are not kept: they were sent with the first finding. Of the incident its key
   * is.
   */
  static Alert begin(Alert first, String incidentKey) {
    Alert.Builder fold =
        first.toBuilder()
            .setCount(1)
            .setLastTime(first.getTime())
            .clearEvidence()
            .setIncident(Incident.newBuilder().setKey(incidentKey));
    for (Evidence evidence : first.getEvidenceList()) {
      fold.addEvidence(evidence.toBuilder().clearEvent());
    }
    return fold.build();
  }

  static boolean takes(Alert fold, Alert finding) {
    return finding.getTime() - fold.getTime() < WINDOW_NANOS;
  }

  static Alert add(Alert fold, Alert finding) {
    Finding.Builder added = Finding.newBuilder().setId(finding.getId()).setTime(finding.getTime());
    finding.getEvidenceList().forEach(evidence -> added.addEvidence(evidence.getPosition()));
    return fold.toBuilder()
        .setCount(fold.getCount() + 1)
        .setLastTime(Math.max(fold.getLastTime(), finding.getTime()))
        .setDetectedTime(finding.getDetectedTime())
        .addFindings(added)
        .build();
  }

  /** Whether it has findings that were not sent. */
  static boolean waiting(Alert fold) {
    return fold.getFindingsCount() > 0;
  }

  static Alert sent(Alert fold) {
    return fold.toBuilder().clearFindings().build();
  }

  /** What tells the versions of one alert apart. */
  static String version(Alert alert) {
    return alert.getCount() < 2 ? alert.getId() : alert.getId() + "/" + alert.getCount();
  }
}
