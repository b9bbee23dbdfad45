package dev.interdict.response;

import dev.interdict.response.ContainmentRecord.Times;
import dev.interdict.response.Policy.Actions;
import dev.interdict.response.Policy.Mode;
import dev.interdict.schema.Alert;
import java.time.Duration;

/** What is to be done about an alert, and why. Reads the ledger and changes nothing. */
final class Decider {
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private final Policies policies;
  private final Ledger ledger;

  Decider(Policies policies, Ledger ledger) {
    this.policies = policies;
    this.ledger = ledger;
  }

  private record Verdict(ContainmentState state, String reason) {}

  ContainmentRecord decide(Alert alert, long received, long now) {
    boolean suppressed = !alert.getSuppressedBy().isEmpty();
    Policy policy = suppressed ? null : policies.first(alert);
    Verdict verdict =
        suppressed
            ? new Verdict(
                ContainmentState.OBSERVED, "an exception holds: " + alert.getSuppressedReason())
            : policy == null ? noPolicy() : judge(policy, alert, now);
    Actions actions = policy == null ? Actions.NONE : policy.actions();
    long maxAge = policy == null ? 0 : policy.limits().maxAlertAge().toNanos();
    return new ContainmentRecord(
        ContainmentRecord.idOf(alert),
        verdict.state(),
        verdict.reason(),
        policy == null ? "" : policy.name(),
        actions.cut(),
        actions.freeze(),
        actions.ttl(),
        Times.decided(
            alert.getTime(), alert.getDetectedTime(), received, now, alert.getTime() + maxAge),
        alert);
  }

  private static Verdict noPolicy() {
    return new Verdict(ContainmentState.OBSERVED, "no policy matches");
  }

  private Verdict judge(Policy policy, Alert alert, long now) {
    if (policy.mode() == Mode.OBSERVE) {
      return new Verdict(ContainmentState.OBSERVED, "policy " + policy.name() + " observes");
    }
    String obstacle = obstacle(policy, alert, now);
    if (obstacle != null) {
      return new Verdict(ContainmentState.SKIPPED, obstacle);
    }
    return policy.mode() == Mode.DRYRUN
        ? new Verdict(ContainmentState.OBSERVED, "dry run: would " + policy.actions().text())
        : new Verdict(ContainmentState.DECIDED, policy.actions().text());
  }

  /** The first rail that says no; null if none does. */
  private String obstacle(Policy policy, Alert alert, long now) {
    String exempt = policy.exempt().reason(alert.getEntity());
    if (exempt != null) {
      return exempt;
    }
    Duration age = Duration.ofNanos(now - alert.getTime());
    Duration maxAge = policy.limits().maxAlertAge();
    if (age.compareTo(maxAge) >= 0) {
      return "the alert is too old: age=%ds limit=%ds"
          .formatted(age.toSeconds(), maxAge.toSeconds());
    }
    String node = alert.getEntity().getNode();
    if (node.isEmpty() || alert.getEntity().getCgroup().isEmpty()) {
      return "the alert does not name " + (node.isEmpty() ? "a node" : "a cgroup");
    }
    ContainmentRecord held = ledger.covering(alert, policy.actions());
    if (held != null) {
      return "already contained by " + held.id();
    }
    int limit = policy.limits().containmentsPerNodePerMinute();
    int spent = ledger.decidedSince(node, now - MINUTE.toNanos());
    return spent >= limit
        ? "the budget is used up: "
            + spent
            + " containments on this node within a minute, limit="
            + limit
        : null;
  }
}
