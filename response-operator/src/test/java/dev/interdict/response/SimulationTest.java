package dev.interdict.response;

import static dev.interdict.response.SampleAlerts.inContainer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interdict.schema.Alert;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SimulationTest {
  private static final Policies DRY =
      Policies.parse(
          "p.yaml",
          """
          name: dry
          mode: dryrun
          match: {level: high}
          actions: {cut: true, ttl: 2m}
          limits: {perWorkload: 2/1h}
          """);

  private static Alert after(String id, Duration time) {
    long nanos = SampleAlerts.nanos(SampleAlerts.TIME) + time.toNanos();
    return inContainer(id).toBuilder().setTime(nanos).setDetectedTime(nanos).build();
  }

  private static List<Alert> alerts() {
    List<Alert> alerts = new ArrayList<>();
    alerts.add(after("a3", Duration.ofMinutes(10)));
    alerts.add(after("a0", Duration.ZERO));
    alerts.add(after("a1", Duration.ofMinutes(1)));
    alerts.add(after("a2", Duration.ofMinutes(5)));
    alerts.add(after("a2", Duration.ofMinutes(5)));
    return alerts;
  }

  @Test
  void shouldDecideAsIfItHadEnforced() throws IOException {
    List<ContainmentSummary> decisions = Simulation.run(DRY, alerts());

    assertThat(decisions.stream().map(each -> each.alertId() + " " + each.state()))
        .containsExactly("a0 DECIDED", "a1 SKIPPED", "a2 DECIDED", "a3 SKIPPED");
    assertThat(decisions.get(1).reason()).startsWith("already contained by ");
    assertThat(decisions.get(3).reason())
        .isEqualTo("the budget is used up: 2 containments of this workload within 1h, limit=2");
  }

  @Test
  void shouldSpendNothingOnWhatNobodyApproved() throws IOException {
    Policies asking =
        Policies.parse(
            "p.yaml",
            """
            name: a
            mode: enforce
            actions: {cut: true}
            limits: {perWorkload: 1/1h}
            approval: {within: 1m}
            """);

    assertThat(Simulation.run(asking, alerts()).stream().map(ContainmentSummary::state))
        .containsExactly(
            ContainmentState.WAITING,
            ContainmentState.WAITING,
            ContainmentState.WAITING,
            ContainmentState.WAITING);
  }

  @Test
  void shouldReadTheLogOfAResponder(@TempDir Path directory) throws IOException {
    Ledger ledger = new Ledger();
    Decider decider = new Decider(DRY, ledger, Workloads.NONE);
    try (AlertLog log = AlertLog.open(directory.resolve("alerts"))) {
      for (Alert alert : alerts().subList(0, 3)) {
        log.decision(decider.decide(alert, alert.getTime(), alert.getTime()), alert.getTime());
      }
      log.standing(Standing.NONE.stop("anna", "enough", 1), 1);
      log.sync();
    }

    assertThat(Simulation.alerts(directory).stream().map(Alert::getId))
        .containsExactly("a3", "a0", "a1");
    assertThat(Simulation.run(DRY, Simulation.alerts(directory))).hasSize(3);
  }

  @Test
  void shouldReadWhatDetectAndQueryPrint() throws IOException {
    String line =
        """
        {"id":"a1","time":"2026-11-01T12:00:00.5Z","rule_id":"r","level":"high",\
        "attack":["T1059.004"],"techniques":null,"entity_node":"n","entity_cgroup":"/shop/web",\
        "entity_cgroup_id":18446744073709551615,"container_name":"web",\
        "container_namespace":"shop","response":"isolate","evidence":[{"seq":4,"x":[1]}],"new":1}

        """;
    Alert alert =
        Simulation.alerts("-", new BufferedReader(new StringReader(line.repeat(2)))).get(1);

    assertThat(alert.getTime()).isEqualTo(SampleAlerts.nanos(SampleAlerts.TIME) + 500_000_000);
    assertThat(alert.getTechniquesList()).containsExactly("T1059.004");
    assertThat(alert.getEntity().getContainer().getNamespace()).isEqualTo("shop");
    assertThat(alert.getEntity().getCgroupId()).isEqualTo(-1);
    assertThat(alert.getResponse()).isEqualTo("isolate");
    assertThat(Simulation.run(DRY, List.of(alert)).get(0).state())
        .isEqualTo(ContainmentState.DECIDED);
  }

  @Test
  void shouldNameTheLineOfWhatIsNoAlert() {
    assertThatThrownBy(() -> read("{\"id\":\"a\",\"time\":\"2026-11-01T12:00:00Z\"}\nx"))
        .hasMessageStartingWith("f:2: not JSON: ");
    assertThatThrownBy(() -> read("[]")).hasMessage("f:1: an alert must be a JSON object");
    assertThatThrownBy(() -> read("{\"id\":\"a\"}")).hasMessage("f:1: the alert has no time");
    assertThatThrownBy(() -> read("{\"id\":\"a\",\"time\":\"yesterday\"}"))
        .hasMessageStartingWith("f:1: Text 'yesterday'");
  }

  private static List<Alert> read(String text) throws IOException {
    return Simulation.alerts("f", new BufferedReader(new StringReader(text)));
  }
}
