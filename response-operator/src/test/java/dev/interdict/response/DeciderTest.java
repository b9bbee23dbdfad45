package dev.interdict.response;

import static dev.interdict.response.SampleAlerts.inContainer;
import static dev.interdict.response.SampleAlerts.nanos;
import static dev.interdict.response.SampleAlerts.onHost;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interdict.schema.Alert;
import dev.interdict.schema.Entity;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class DeciderTest {
  private static final String ENFORCE =
      """
      name: strict
      mode: enforce
      actions: {cut: true, freeze: true, ttl: 2m}
      limits: {containmentsPerNodePerMinute: 2, maxAlertAge: 10m}
      exempt: {containers: db-*}
      """;

  private final Ledger ledger = new Ledger();
  private long now = nanos(SampleAlerts.TIME) + 5_000_000;

  private ContainmentRecord decide(String policy, Alert alert) {
    ContainmentRecord decision =
        new Decider(Policies.parse("p.yaml", policy), ledger, Workloads.NONE)
            .decide(alert, now, now);
    ledger.put(decision);
    return decision;
  }

  @Test
  void shouldDecideToContain() {
    ContainmentRecord decision = decide(ENFORCE, inContainer("a1"));

    assertThat(decision.state()).isEqualTo(ContainmentState.DECIDED);
    assertThat(decision.reason()).isEqualTo("cut and freeze for 2m");
    assertThat(decision.policy()).isEqualTo("strict");
    assertThat(decision.cut()).isTrue();
    assertThat(decision.freeze()).isTrue();
    assertThat(decision.ttl()).isEqualTo(Duration.ofMinutes(2));
    assertThat(decision.times().actBefore())
        .isEqualTo(nanos(SampleAlerts.TIME.plus(Duration.ofMinutes(10))));
    assertThat(decision.id()).matches("[0-9a-f]{16}");
    assertThat(ContainmentRecord.idOf(inContainer("a2"))).isNotEqualTo(decision.id());
  }

  @Test
  void shouldTellTheStepsThatFollow() {
    String policy = ENFORCE + "then: [{do: save-window}, {do: kill-tree}]\n";

    assertThat(decide(policy, inContainer("a1")).reason())
        .isEqualTo("cut and freeze for 2m, then save-window, kill-tree");
    assertThat(decide("name: a\nmode: observe\n", inContainer("a2")).steps()).isEmpty();
  }

  @Test
  void shouldLetTheFirstMatchingPolicyDecide() {
    String policies = "name: watch\nmode: observe\nmatch: {host: true}\n---\n" + ENFORCE;

    assertThat(decide(policies, onHost("a1")).policy()).isEqualTo("watch");
    assertThat(decide(policies, inContainer("a2")).policy()).isEqualTo("strict");
  }

  @Test
  void shouldOnlyObserveWhereNoPolicyMatches() {
    ContainmentRecord decision =
        decide("name: a\nmode: observe\nmatch: {rules: other}\n", inContainer("a1"));

    assertThat(decision.state()).isEqualTo(ContainmentState.OBSERVED);
    assertThat(decision.reason()).isEqualTo("no policy matches");
    assertThat(decision.policy()).isEmpty();
  }

  @Test
  void shouldNeverActWhereAnExceptionHolds() {
    Alert known =
        inContainer("a1").toBuilder().setSuppressedBy("e1").setSuppressedReason("known").build();
    ContainmentRecord decision = decide(ENFORCE, known);

    assertThat(decision.state()).isEqualTo(ContainmentState.OBSERVED);
    assertThat(decision.reason()).isEqualTo("an exception holds: known");
    assertThat(decision.cut()).isFalse();
  }

  @Test
  void shouldTellWhatADryRunWouldDoAndSpendNothing() {
    String dry = ENFORCE.replace("mode: enforce", "mode: dryrun");
    for (int i = 0; i < 5; i++) {
      ContainmentRecord decision = decide(dry, inContainer("a" + i));
      assertThat(decision.state()).isEqualTo(ContainmentState.OBSERVED);
      assertThat(decision.reason()).isEqualTo("dry run: would cut and freeze for 2m");
    }
  }

  @Test
  void shouldSkipAnAlertThatIsTooOld() {
    now = nanos(SampleAlerts.TIME.plus(Duration.ofMinutes(10)));

    ContainmentRecord decision = decide(ENFORCE, inContainer("a1"));

    assertThat(decision.state()).isEqualTo(ContainmentState.SKIPPED);
    assertThat(decision.reason()).isEqualTo("the alert is too old: age=600s limit=600s");
  }

  @Test
  void shouldSkipWhatIsExempt() {
    Alert.Builder database = inContainer("a1").toBuilder();
    database.getEntityBuilder().getContainerBuilder().setName("db-1");
    Alert.Builder system = inContainer("a2").toBuilder();
    system.getEntityBuilder().getContainerBuilder().setNamespace("kube-system");

    assertThat(decide(ENFORCE, database.build()).reason()).isEqualTo("container db-1 is exempt");
    assertThat(decide(ENFORCE, system.build()).reason())
        .isEqualTo("namespace kube-system is exempt");
    assertThat(ledger.open()).isEmpty();
  }

  @Test
  void shouldSkipWhatNamesNoTarget() {
    Alert.Builder alert = inContainer("a1").toBuilder();
    alert.getEntityBuilder().clearCgroup();
    Alert.Builder nowhere = inContainer("a2").toBuilder();
    nowhere.getEntityBuilder().clearNode();

    assertThat(decide(ENFORCE, alert.build()).reason())
        .isEqualTo("the alert does not name a cgroup");
    assertThat(decide(ENFORCE, nowhere.build()).reason())
        .isEqualTo("the alert does not name a node");
  }

  @Test
  void shouldHoldTheBudgetOfANodeForAMinute() {
    decide(ENFORCE, inContainer("a1", 1));
    now += Duration.ofSeconds(20).toNanos();
    decide(ENFORCE, inContainer("a2", 2));

    ContainmentRecord third = decide(ENFORCE, inContainer("a3", 3));
    assertThat(third.state()).isEqualTo(ContainmentState.SKIPPED);
    assertThat(third.reason())
        .isEqualTo("the budget is used up: 2 containments on this node within a minute, limit=2");

    Alert.Builder elsewhere = inContainer("a4", 4).toBuilder();
    elsewhere.getEntityBuilder().setNode("another");
    assertThat(decide(ENFORCE, elsewhere.build()).state()).isEqualTo(ContainmentState.DECIDED);

    now += Duration.ofSeconds(40).toNanos();
    assertThat(decide(ENFORCE, inContainer("a5", 5)).state()).isEqualTo(ContainmentState.DECIDED);
    assertThat(decide(ENFORCE, inContainer("a6", 6)).state()).isEqualTo(ContainmentState.SKIPPED);
  }

  @Test
  void shouldNotContainWhatIsContained() {
    ContainmentRecord first = decide(ENFORCE, inContainer("a1"));

    ContainmentRecord second = decide(ENFORCE, inContainer("a2"));
    assertThat(second.state()).isEqualTo(ContainmentState.SKIPPED);
    assertThat(second.reason()).isEqualTo("already contained by " + first.id());

    ledger.put(first.with(ContainmentState.RELEASED, "released", first.times()));
    assertThat(decide(ENFORCE, inContainer("a3")).state()).isEqualTo(ContainmentState.DECIDED);
  }

  @Test
  void shouldAddTheFreezeToWhatIsOnlyCut() {
    decide(ENFORCE.replace("freeze: true", "freeze: false"), inContainer("a1"));

    assertThat(decide(ENFORCE, inContainer("a2")).state()).isEqualTo(ContainmentState.DECIDED);
  }

  @Test
  void shouldNotBelieveAFreezeWhoseProcessesGoOn() {
    ContainmentRecord first = decide(ENFORCE, inContainer("a1"));
    long verified = now + 1_000_000;
    ledger.put(
        first.with(
            ContainmentState.IN_FORCE,
            "confirmed by the node",
            first.times().withVerified(verified, verified + 120_000_000_000L)));
    now += Duration.ofSeconds(30).toNanos();

    assertThat(decide(ENFORCE, at(inContainer("a2"), verified + 500_000_000)).state())
        .isEqualTo(ContainmentState.SKIPPED);
    assertThat(decide(ENFORCE, at(inContainer("a3"), verified + 2_000_000_000)).state())
        .isEqualTo(ContainmentState.DECIDED);
  }

  private static Alert at(Alert alert, long time) {
    return alert.toBuilder().setTime(time).build();
  }

  @Test
  void shouldForgetTheOldestButNothingThatIsOpen() {
    ContainmentRecord held = decide(ENFORCE, inContainer("held"));
    for (int i = 0; i < Ledger.MAX_RECORDS + 10; i++) {
      decide("name: a\nmode: observe\n", onHost("a" + i));
    }

    assertThat(ledger.records()).hasSize(Ledger.MAX_RECORDS).contains(held);
    assertThat(ledger.get(ContainmentRecord.idOf(onHost("a0")))).isNull();
    assertThat(ledger.knows("a0")).isTrue();
  }

  @Test
  void shouldHoldTheBudgetOfAWorkloadWhoseReplacementsAreAttackedAgain() {
    String policy = ENFORCE.replace("PerMinute: 2", "PerMinute: 100, perWorkload: 2/1h");
    for (int replica = 1; replica <= 2; replica++) {
      assertThat(decide(policy, inContainer("a" + replica, replica)).state())
          .isEqualTo(ContainmentState.DECIDED);
      now += Duration.ofMinutes(3).toNanos();
    }

    assertThat(decide(policy, inContainer("a3", 3)).reason())
        .isEqualTo("the budget is used up: 2 containments of this workload within 1h, limit=2");
    assertThat(decide(policy, named("a4", 4, "other")).state()).isEqualTo(ContainmentState.DECIDED);
  }

  @Test
  void shouldHoldTheBudgetsOfNamespaceAndCluster() {
    String policy =
        ENFORCE.replace("PerMinute: 2", "PerMinute: 100, perNamespace: 1/1h, perCluster: 2/1h");
    decide(policy, named("a1", 1, "x"));

    assertThat(decide(policy, named("a2", 2, "y")).reason())
        .isEqualTo("the budget is used up: 1 containments in this namespace within 1h, limit=1");
    assertThat(decide(policy, elsewhere("a3", 3)).state()).isEqualTo(ContainmentState.DECIDED);
    assertThat(decide(policy, onHost("a4").toBuilder().build()).reason())
        .isEqualTo("the budget is used up: 2 containments in all within 1h, limit=2");
  }

  @Test
  void shouldNameARuleThatHitsTooManyWorkloads() {
    String policy =
        ENFORCE.replace("PerMinute: 2", "PerMinute: 100, disarmRuleBeyondWorkloads: 2/10m");
    Decider decider = new Decider(Policies.parse("p.yaml", policy), ledger, Workloads.NONE);
    decide(policy, named("a1", 1, "x"));
    decide(policy, named("a2", 2, "y"));
    decide(policy, named("a3", 3, "y"));
    Alert third = named("a4", 4, "z");

    assertThat(decider.disarming(named("a5", 5, "x"), now)).isNull();
    String why = decider.disarming(third, now);
    assertThat(why).isEqualTo("it hit 3 workloads within 10m, limit=2");

    ledger.put(ledger.standing().disarm(third.getRuleId(), why, now));
    assertThat(decide(policy, third).reason())
        .isEqualTo("the rule is disarmed: it hit 3 workloads within 10m, limit=2");
    ledger.put(ledger.standing().arm(third.getRuleId()));
    assertThat(decider.disarming(named("a6", 6, "w"), now)).isNull();
    assertThat(decide(policy, named("a6", 6, "w")).state()).isEqualTo(ContainmentState.DECIDED);
  }

  @Test
  void shouldOnlyActOnceAPolicyIsWarm() {
    String policy = ENFORCE.replace("PerMinute: 2", "PerMinute: 2, warmUp: 5m");
    ledger.put(ledger.standing().withPolicies(List.of("strict"), now));
    now += Duration.ofMinutes(4).toNanos();
    assertThat(decide(policy, inContainer("a1")).reason())
        .isEqualTo("the policy is warming up: for another 60s");
    now += Duration.ofMinutes(1).toNanos();
    assertThat(decide(policy, inContainer("a2")).state()).isEqualTo(ContainmentState.DECIDED);
  }

  @Test
  void shouldDoNothingOnceStopped() {
    ledger.put(ledger.standing().stop("anna", "a rule goes wild", now));
    assertThat(decide(ENFORCE, inContainer("a1")).reason())
        .isEqualTo("stopped by anna: a rule goes wild");
    ledger.put(ledger.standing().resume());
    assertThat(decide(ENFORCE, inContainer("a2")).state()).isEqualTo(ContainmentState.DECIDED);
  }

  @Test
  void shouldExemptBinariesAndOwners() {
    String policy = ENFORCE.replace("db-*", "db-*, binaries: /opt/backup, owners: DaemonSet/*");
    Alert.Builder backup = onHost("a1").toBuilder();
    backup.getEntityBuilder().setExe("/opt/backup");
    assertThat(decide(policy, backup.build()).reason()).isEqualTo("binary /opt/backup is exempt");

    Workloads owned = entity -> new Workload("DaemonSet", "shop", "log", Map.of());
    ContainmentRecord decision =
        new Decider(Policies.parse("p.yaml", policy), ledger, owned)
            .decide(inContainer("a2"), now, now);
    assertThat(decision.reason()).isEqualTo("owner DaemonSet/log is exempt");
    assertThat(decision.workload()).isEqualTo("shop/DaemonSet/log");
  }

  @Test
  void shouldSpareWhatTheOrchestratorSpares() {
    Workloads spared = entity -> new Workload("Pod", "shop", "etcd", Map.of(), "a static pod");

    assertThat(
            new Decider(Policies.parse("p.yaml", ENFORCE), ledger, spared)
                .decide(inContainer("a1"), now, now)
                .reason())
        .isEqualTo("a static pod");
  }

  private record Replicas(Set<String> ready, List<String> exhausted) implements Workloads {
    @Override
    public Workload of(Entity entity) {
      return new Workload("Deployment", "shop", "web", Map.of());
    }

    @Override
    public Health health(Entity entity) {
      return new Health(ready, exhausted);
    }
  }

  private ContainmentRecord decide(String limits, Workloads workloads, Alert alert) {
    String policy = ENFORCE.replace("maxAlertAge", limits + ", maxAlertAge");
    ContainmentRecord decision =
        new Decider(Policies.parse("p.yaml", policy), ledger, workloads).decide(alert, now, now);
    ledger.put(decision);
    return decision;
  }

  @Test
  void shouldLeaveEnoughHealthyReplicas() {
    Replicas three = new Replicas(Set.of("shop/web-1", "shop/web-2", "shop/web-3"), List.of());

    assertThat(decide("minimumHealthy: 2", three, inPod("a1", 1, "web-1")).state())
        .isEqualTo(ContainmentState.DECIDED);
    assertThat(decide("minimumHealthy: 2", three, inPod("a2", 2, "web-2")).reason())
        .as("what is contained counts as unhealthy, whatever the orchestrator calls it")
        .isEqualTo("too few healthy replicas would remain: 1, limit=2");
    assertThat(decide("minimumHealthy: 1", three, inPod("a3", 3, "web-9")).state())
        .as("one that is not ready itself")
        .isEqualTo(ContainmentState.DECIDED);
    assertThat(decide("minimumHealthy: 1", Workloads.NONE, inPod("a4", 4, "web-2")).reason())
        .isEqualTo("how many of its replicas are healthy is not known");
  }

  @Test
  void shouldHeedDisruptionBudgetsWhereAPolicySaysSo() {
    Replicas exhausted = new Replicas(Set.of("shop/web-1", "shop/web-2"), List.of("web"));

    assertThat(
            decide("respectDisruptionBudgets: true", exhausted, inPod("a1", 1, "web-1")).reason())
        .isEqualTo("disruption budget web allows no disruption now");
    assertThat(
            decide("respectDisruptionBudgets: false", exhausted, inPod("a2", 2, "web-2")).state())
        .isEqualTo(ContainmentState.DECIDED);
  }

  private static Alert inPod(String id, long cgroupId, String pod) {
    Alert.Builder alert = inContainer(id, cgroupId).toBuilder();
    alert.getEntityBuilder().getContainerBuilder().setPod(pod);
    return alert.build();
  }

  @Test
  void shouldAskForApproval() {
    ContainmentRecord decision = decide(ENFORCE + "approval: {within: 5m}\n", inContainer("a1"));

    assertThat(decision.state()).isEqualTo(ContainmentState.WAITING);
    assertThat(decision.reason()).isEqualTo("asks for approval to cut and freeze for 2m");
    assertThat(decision.approval().before()).isEqualTo(now + 300_000_000_000L);
    assertThat(decide(ENFORCE, inContainer("a2")).reason())
        .isEqualTo("an approval is asked for already by " + decision.id());
    assertThat(ledger.spentSince(Spending.CLUSTER, 0)).isZero();
  }

  private static Alert named(String id, long cgroupId, String container) {
    Alert.Builder alert = inContainer(id, cgroupId).toBuilder();
    alert.getEntityBuilder().getContainerBuilder().setName(container);
    return alert.build();
  }

  private static Alert elsewhere(String id, long cgroupId) {
    Alert.Builder alert = inContainer(id, cgroupId).toBuilder();
    alert.getEntityBuilder().getContainerBuilder().setNamespace("blog");
    return alert.build();
  }
}
