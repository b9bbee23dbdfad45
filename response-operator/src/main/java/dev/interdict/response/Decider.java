package dev.interdict.response;

import dev.interdict.response.ContainmentRecord.Approval;
import dev.interdict.response.ContainmentRecord.Times;
import dev.interdict.response.Policy.Actions;
import dev.interdict.response.Policy.Limits;
import dev.interdict.response.Policy.Mode;
import dev.interdict.schema.Alert;
import dev.interdict.schema.Entity;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What is to be done about an alert, and why. Reads the ledger and changes nothing. */
final class Decider {
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private Policies policies;
  private final Ledger ledger;
  private final Workloads workloads;

  Decider(Policies policies, Ledger ledger, Workloads workloads) {
    this.policies = policies;
    this.ledger = ledger;
    this.workloads = workloads;
  }

  void use(Policies value) {
    policies = value;
  }

  private record Verdict(ContainmentState state, String reason) {}

  ContainmentRecord decide(Alert alert, long received, long now) {
    boolean suppressed = !alert.getSuppressedBy().isEmpty();
    Workload workload = workloads.of(alert.getEntity());
    Policy policy = suppressed ? null : policies.first(alert, workload);
    Verdict verdict =
        suppressed
            ? new Verdict(
                ContainmentState.OBSERVED, "an exception holds: " + alert.getSuppressedReason())
            : policy == null ? noPolicy() : judge(policy, alert, workload, now);
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
        workloads.key(alert.getEntity()),
        verdict.state() == ContainmentState.WAITING
            ? new Approval(
                now + policy.approval().within().toNanos(), policy.approval().otherwiseAct(), "")
            : Approval.NONE,
        policy == null || verdict.state() == ContainmentState.OBSERVED ? List.of() : policy.steps(),
        Times.decided(
            alert.getTime(), alert.getDetectedTime(), received, now, alert.getTime() + maxAge),
        alert);
  }

  /** Why the rule of this alert has to be disarmed before anything is done about it; or null. */
  String disarming(Alert alert, long now) {
    Policy policy =
        alert.getSuppressedBy().isEmpty()
            ? policies.first(alert, workloads.of(alert.getEntity()))
            : null;
    Budget limit = policy == null ? null : policy.limits().disarm();
    if (limit == null || policy.mode() == Mode.OBSERVE || ledger.isDisarmed(alert.getRuleId())) {
      return null;
    }
    int hit =
        ledger.workloadsHit(
            alert.getRuleId(), workloads.key(alert.getEntity()), now - limit.within().toNanos());
    return hit > limit.count()
        ? "it hit %d workloads within %s, limit=%d"
            .formatted(hit, Budget.text(limit.within()), limit.count())
        : null;
  }

  private static Verdict noPolicy() {
    return new Verdict(ContainmentState.OBSERVED, "no policy matches");
  }

  private Verdict judge(Policy policy, Alert alert, Workload workload, long now) {
    if (policy.mode() == Mode.OBSERVE) {
      return new Verdict(ContainmentState.OBSERVED, "policy " + policy.name() + " observes");
    }
    String obstacle = obstacle(policy, alert, workload, now);
    if (obstacle != null) {
      return new Verdict(ContainmentState.SKIPPED, obstacle);
    }
    String what =
        policy.steps().isEmpty()
            ? policy.actions().text()
            : policy.actions().text() + ", then " + Steps.names(policy.steps());
    if (policy.mode() == Mode.DRYRUN) {
      return new Verdict(ContainmentState.OBSERVED, "dry run: would " + what);
    }
    return policy.approval() == null
        ? new Verdict(ContainmentState.DECIDED, what)
        : new Verdict(ContainmentState.WAITING, "asks for approval to " + what);
  }

  /** The first rail that says no; null if none does. */
  private String obstacle(Policy policy, Alert alert, Workload workload, long now) {
    Standing standing = ledger.standing();
    if (standing.stopped()) {
      return standing.whyStopped();
    }
    String disarmed = standing.whyDisarmed(alert.getRuleId());
    if (disarmed != null) {
      return "the rule is disarmed: " + disarmed;
    }
    String exempt = policy.exempt().reason(alert.getEntity(), workload);
    if (exempt != null) {
      return exempt;
    }
    Limits limits = policy.limits();
    Duration age = Duration.ofNanos(now - alert.getTime());
    if (age.compareTo(limits.maxAlertAge()) >= 0) {
      return "the alert is too old: age=%ds limit=%ds"
          .formatted(age.toSeconds(), limits.maxAlertAge().toSeconds());
    }
    long warm = standing.knownSince(policy.name(), now) + limits.warmUp().toNanos();
    if (now < warm) {
      return "the policy is warming up: for another %ds"
          .formatted(Duration.ofNanos(warm - now).toSeconds());
    }
    String node = alert.getEntity().getNode();
    if (node.isEmpty() || alert.getEntity().getCgroup().isEmpty()) {
      return "the alert does not name " + (node.isEmpty() ? "a node" : "a cgroup");
    }
    ContainmentRecord held = ledger.covering(alert, policy.actions());
    if (held != null) {
      return (held.state() == ContainmentState.WAITING
              ? "an approval is asked for already by "
              : "already contained by ")
          + held.id();
    }
    String unhealthy =
        limits.minimumHealthy() == 0 && !limits.disruptionBudgets()
            ? null
            : unhealthy(limits, alert.getEntity());
    return unhealthy == null ? overspent(limits, alert, now) : unhealthy;
  }

  /** What is contained serves nobody, though the orchestrator may go on calling it ready. */
  private String unhealthy(Limits limits, Entity entity) {
    if (!entity.hasContainer()) {
      return null;
    }
    Workloads.Health health = workloads.health(entity);
    if (health == null) {
      return "how many of its replicas are healthy is not known";
    }
    if (limits.disruptionBudgets() && !health.exhausted().isEmpty()) {
      return "disruption budget " + health.exhausted().get(0) + " allows no disruption now";
    }
    Set<String> remaining = new HashSet<>(health.readyPods());
    remaining.remove(podOf(entity));
    for (ContainmentRecord each : ledger.open()) {
      if (each.state().active() && each.state() != ContainmentState.WAITING) {
        remaining.remove(podOf(each.alert().getEntity()));
      }
    }
    return remaining.size() < limits.minimumHealthy()
        ? "too few healthy replicas would remain: %d, limit=%d"
            .formatted(remaining.size(), limits.minimumHealthy())
        : null;
  }

  private static String podOf(Entity entity) {
    return entity.getContainer().getNamespace() + "/" + entity.getContainer().getPod();
  }

  private String overspent(Limits limits, Alert alert, long now) {
    Budget perNode = new Budget(limits.containmentsPerNodePerMinute(), MINUTE);
    String where = overspent(perNode, Spending.node(alert.getEntity().getNode()), now);
    if (where != null) {
      return where.formatted("on this node within a minute");
    }
    String key = workloads.key(alert.getEntity());
    where = overspent(limits.perWorkload(), Spending.workload(key), now);
    if (where != null) {
      return where.formatted(
          "of this workload within " + Budget.text(limits.perWorkload().within()));
    }
    String namespace = alert.getEntity().getContainer().getNamespace();
    where =
        namespace.isEmpty()
            ? null
            : overspent(limits.perNamespace(), Spending.namespace(namespace), now);
    if (where != null) {
      return where.formatted(
          "in this namespace within " + Budget.text(limits.perNamespace().within()));
    }
    where = overspent(limits.perCluster(), Spending.CLUSTER, now);
    return where == null
        ? null
        : where.formatted("in all within " + Budget.text(limits.perCluster().within()));
  }

  private String overspent(Budget budget, String key, long now) {
    int spent = ledger.spentSince(key, now - budget.within().toNanos());
    return spent >= budget.count()
        ? "the budget is used up: " + spent + " containments %s, limit=" + budget.count()
        : null;
  }
}
