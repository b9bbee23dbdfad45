package dev.interdict.response;

import dev.interdict.schema.StandingOrders;
import dev.interdict.schema.StandingOrders.Disarmed;
import java.util.List;

/**
 * What people, and the responder itself, have laid down until they take it back: the global stop,
 * rules that no longer act, and since when each policy is known. Immutable.
 */
record Standing(StandingOrders orders) {
  static final Standing NONE = new Standing(StandingOrders.getDefaultInstance());
  private static final int MAX_DISARMED = 128;
  private static final int MAX_RULE = 256;

  boolean stopped() {
    return orders.getStopped();
  }

  /** Null if not stopped. */
  String whyStopped() {
    return stopped()
        ? "stopped by " + orders.getStoppedBy() + ": " + orders.getStoppedReason()
        : null;
  }

  Standing stop(String by, String reason, long now) {
    return new Standing(
        orders.toBuilder()
            .setStopped(true)
            .setStoppedBy(by)
            .setStoppedReason(reason)
            .setStoppedTime(now)
            .build());
  }

  Standing resume() {
    return new Standing(
        orders.toBuilder()
            .clearStopped()
            .clearStoppedBy()
            .clearStoppedReason()
            .clearStoppedTime()
            .build());
  }

  /** Null if the rule is armed. */
  String whyDisarmed(String rule) {
    for (Disarmed each : orders.getDisarmedList()) {
      if (each.getRule().equals(rule)) {
        return each.getReason();
      }
    }
    return null;
  }

  Standing disarm(String rule, String reason, long now) {
    if (whyDisarmed(rule) != null) {
      return this;
    }
    if (orders.getDisarmedCount() >= MAX_DISARMED || rule.length() > MAX_RULE) {
      return stop("interdict", "cannot disarm one more rule: " + reason, now);
    }
    return new Standing(
        orders.toBuilder()
            .addDisarmed(Disarmed.newBuilder().setRule(rule).setReason(reason).setTime(now))
            .build());
  }

  Standing arm(String rule) {
    StandingOrders.Builder changed = orders.toBuilder().clearDisarmed();
    orders.getDisarmedList().stream()
        .filter(each -> !each.getRule().equals(rule))
        .forEach(changed::addDisarmed);
    return new Standing(changed.build());
  }

  /** When the policy was first in force here; now, if it is not known. */
  long knownSince(String policy, long now) {
    return orders.getPoliciesOrDefault(policy, now);
  }

  /** Policies that are no longer in force are forgotten: when they come back, they are new. */
  Standing withPolicies(List<String> names, long now) {
    StandingOrders.Builder changed = orders.toBuilder().clearPolicies();
    names.forEach(name -> changed.putPolicies(name, knownSince(name, now)));
    return new Standing(changed.build());
  }
}
