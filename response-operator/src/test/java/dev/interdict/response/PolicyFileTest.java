package dev.interdict.response;

import static dev.interdict.response.SampleAlerts.inContainer;
import static dev.interdict.response.SampleAlerts.onHost;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interdict.response.Policy.Mode;
import dev.interdict.schema.Level;
import dev.interdict.schema.ResponseStep.When;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class PolicyFileTest {
  @Test
  void shouldReadEveryKey() {
    Policy policy =
        PolicyFile.parse(
                "p.yaml",
                """
                name: web
                mode: enforce
                match:
                  rules: [shell-*, drop]
                  level: medium
                  score: 40
                  techniques: T1059
                  containers:
                    name: web-?
                    image: [a/*, b]
                    runtime: crio
                    namespace: shop
                    pod: web-*
                  owner:
                    kind: Deployment
                    name: web
                    labels: {tier: front*}
                    stateful: false
                  host: true
                actions:
                  cut: true
                  freeze: false
                  ttl: 90s
                then:
                  - {do: save-window, before: 5m, when: always}
                  - {do: kill-tree, level: critical}
                limits:
                  containmentsPerNodePerMinute: 3
                  perWorkload: 2/1h
                  perNamespace: 4/30m
                  perCluster: 9/d
                  maxAlertAge: 5m
                  warmUp: 1h
                  disarmRuleBeyondWorkloads: 5/10m
                exempt:
                  containers: [db, cache-*]
                  namespaces: infra
                  owners: DaemonSet/*
                  binaries: /usr/bin/backup
                approval:
                  who: [anna, ben@example.org]
                  within: 20m
                  otherwise: act
                """)
            .get(0);

    assertThat(policy.name()).isEqualTo("web");
    assertThat(policy.mode()).isEqualTo(Mode.ENFORCE);
    assertThat(policy.match().rules()).containsExactly(new Glob("shell-*"), new Glob("drop"));
    assertThat(policy.match().level()).isEqualTo(Level.MEDIUM);
    assertThat(policy.match().techniques()).containsExactly("T1059");
    assertThat(policy.match().containers().names()).containsExactly(new Glob("web-?"));
    assertThat(policy.match().containers().images())
        .containsExactly(new Glob("a/*"), new Glob("b"));
    assertThat(policy.match().containers().runtimes()).containsExactly(new Glob("crio"));
    assertThat(policy.match().host()).isTrue();
    assertThat(policy.actions().cut()).isTrue();
    assertThat(policy.actions().freeze()).isFalse();
    assertThat(policy.actions().ttl()).isEqualTo(Duration.ofSeconds(90));
    assertThat(policy.limits().containmentsPerNodePerMinute()).isEqualTo(3);
    assertThat(policy.limits().maxAlertAge()).isEqualTo(Duration.ofMinutes(5));
    assertThat(policy.exempt().containers()).containsExactly(new Glob("db"), new Glob("cache-*"));
    assertThat(policy.exempt().namespaces()).containsExactly(new Glob("infra"));
    assertThat(policy.exempt().owners()).containsExactly(new Glob("DaemonSet/*"));
    assertThat(policy.exempt().binaries()).containsExactly(new Glob("/usr/bin/backup"));
    assertThat(policy.match().score()).isEqualTo(40);
    assertThat(policy.match().containers().namespaces()).containsExactly(new Glob("shop"));
    assertThat(policy.match().containers().pods()).containsExactly(new Glob("web-*"));
    assertThat(policy.match().owner())
        .isEqualTo(
            new Match.Owner(
                List.of(new Glob("Deployment")),
                List.of(new Glob("web")),
                Map.of("tier", new Glob("front*")),
                false));
    assertThat(policy.limits().perWorkload()).isEqualTo(new Budget(2, Duration.ofHours(1)));
    assertThat(policy.limits().perNamespace()).isEqualTo(new Budget(4, Duration.ofMinutes(30)));
    assertThat(policy.limits().perCluster()).isEqualTo(new Budget(9, Duration.ofDays(1)));
    assertThat(policy.limits().warmUp()).isEqualTo(Duration.ofHours(1));
    assertThat(policy.limits().disarm()).isEqualTo(new Budget(5, Duration.ofMinutes(10)));
    assertThat(policy.steps())
        .containsExactly(
            Steps.of(
                StepKind.SAVE_WINDOW,
                When.ALWAYS,
                Level.LEVEL_UNSPECIFIED,
                Map.of("before", "PT5M"),
                false),
            Steps.of(StepKind.KILL_TREE, When.IN_FORCE, Level.CRITICAL, Map.of(), false));
    assertThat(policy.approval())
        .isEqualTo(
            new Policy.Approval(List.of("anna", "ben@example.org"), Duration.ofMinutes(20), true));
  }

  @Test
  void shouldReadEveryStepWithItsDefaults() {
    for (StepKind kind : StepKind.values()) {
      String needed = kind == StepKind.ANNOTATE ? ", key: example.org/a, value: b c" : "";
      Policy policy =
          PolicyFile.parse(
                  "p.yaml", "{name: a, mode: observe, then: [{do: " + kind.text() + needed + "}]}")
              .get(0);

      assertThat(StepKind.of(policy.steps().get(0))).isEqualTo(kind);
      assertThat(policy.steps().get(0).getWhen()).isEqualTo(When.IN_FORCE);
      assertThat(policy.steps().get(0).getKeep()).isFalse();
    }
    Policy policy =
        PolicyFile.parse(
                "p.yaml",
                "{name: a, mode: observe, then: [{do: taint, effect: NoExecute, keep: true},"
                    + " {do: delete-pod, grace: 2s}]}")
            .get(0);
    assertThat(policy.steps().get(0).getParametersMap())
        .isEqualTo(
            Map.of("key", "interdict.dev/contained", "value", "true", "effect", "NoExecute"));
    assertThat(policy.steps().get(0).getKeep()).isTrue();
    assertThat(policy.steps().get(1).getParametersMap())
        .isEqualTo(Map.of("bare", "false", "grace", "PT2S"));
  }

  @Test
  void shouldMatchTheOwnerOnlyWhereItIsKnown() {
    Policies policies =
        Policies.parse(
            "p.yaml",
            "{name: a, mode: observe, match: {owner: {stateful: true, labels: {app: db*}}}}");
    Workload db = new Workload("StatefulSet", "shop", "db", Map.of("app", "db-main"));

    assertThat(policies.first(inContainer("1"), db)).isNotNull();
    assertThat(policies.first(inContainer("1"), null)).isNull();
    assertThat(
            policies.first(inContainer("1"), new Workload("Deployment", "shop", "db", db.labels())))
        .isNull();
    assertThat(
            policies.first(inContainer("1"), new Workload("StatefulSet", "shop", "db", Map.of())))
        .isNull();
    assertThat(new Workload("Job", "shop", "j", Map.of()).stateful()).isNull();
  }

  @Test
  void shouldWarnOfWhatIsNeverReached() {
    assertThat(
            Policies.parse("p.yaml", "name: a\nmode: observe\n---\nname: b\nmode: observe\n")
                .warnings())
        .containsExactly("policy b is never reached: a above matches everything");
    assertThat(Policies.starter().warnings()).isEmpty();
  }

  @Test
  void shouldHaveSafeDefaults() {
    Policy policy =
        PolicyFile.parse("p.yaml", "{name: a, mode: enforce, actions: {freeze: true}}").get(0);

    assertThat(policy.actions().cut()).isFalse();
    assertThat(policy.actions().ttl()).isEqualTo(Duration.ofMinutes(10));
    assertThat(policy.limits().containmentsPerNodePerMinute()).isEqualTo(10);
    assertThat(policy.limits().maxAlertAge()).isEqualTo(Duration.ofHours(1));
    assertThat(policy.exempt().namespaces())
        .containsExactly(new Glob("kube-system"), new Glob("interdict"));
  }

  @Test
  void shouldKeepDefaultNamespacesExemptWhereOnlyContainersAreNamed() {
    Policy policy =
        PolicyFile.parse("p.yaml", "{name: a, mode: observe, exempt: {containers: db}}").get(0);

    assertThat(policy.exempt().namespaces()).contains(new Glob("kube-system"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          nmae: a                                             | p.yaml:3: unknown key nmae, known: actions, approval, exempt
          match: {level: hihg}                                | p.yaml:3: invalid match.level=hihg expected informational
          match: {rule: a}                                    | p.yaml:3: unknown key match.rule, known: containers, host
          match: {techniques: 1059}                           | p.yaml:3: invalid match.techniques=1059 expected as in T1059.004
          match: {containers: {image: {a: b}}}                | p.yaml:3: match.containers.image must be a single value
          match: {containers: {pud: a}}                       | p.yaml:3: unknown key match.containers.pud
          match: {host: yes}                                  | p.yaml:3: invalid match.host=yes expected true or false
          match: []                                           | p.yaml:3: match must be a mapping
          match: {rules: []}                                  | p.yaml:3: invalid match.rules.length=0 limit=1000
          actions: {cut: 1}                                   | p.yaml:3: invalid actions.cut=1 expected true or false
          actions: {ttl: 10}                                  | p.yaml:3: invalid actions.ttl=10 expected a number with ms, s, m, h or d
          actions: {ttl: 8d}                                  | p.yaml:3: invalid actions.ttl=8d expected 1s to 604800s
          actions: {ttl: 1500ms}                              | p.yaml:3: invalid actions.ttl=1500ms expected whole seconds
          actions: {kill: true}                               | p.yaml:3: unknown key actions.kill, known: cut, freeze, ttl
          limits: {containmentsPerNodePerMinute: 0}           | p.yaml:3: invalid limits.containmentsPerNodePerMinute=0 expected 1 to 1000
          limits: {maxAlertAge: 0s}                           | p.yaml:3: invalid limits.maxAlertAge=0s
          limits: {perHour: 3}                                | p.yaml:3: unknown key limits.perHour
          exempt: {people: a}                                 | p.yaml:3: unknown key exempt.people, known: binaries, containers, namespaces, owners
          match: {score: 101}                                 | p.yaml:3: invalid match.score=101 expected 0 to 100
          match: {owner: {stateful: maybe}}                   | p.yaml:3: invalid match.owner.stateful=maybe expected true or false
          match: {owner: {labels: {app: []}}}                 | p.yaml:3: match.owner.labels.app must be a single value
          limits: {perWorkload: 3}                            | p.yaml:3: invalid limits.perWorkload=3 expected a number, / and a time, as in 3/10m
          limits: {perCluster: 0/1m}                          | p.yaml:3: invalid limits.perCluster=0/1m expected 1 to 1000 within 1s to 1d
          limits: {perNamespace: 5/2d}                        | p.yaml:3: invalid limits.perNamespace=5/2d expected 1 to 1000 within 1s to 1d
          then: [{do: dance}]                                 | p.yaml:3: invalid then.do=dance expected one of save-window, save-evidence, kill-process, kill-tree, kill-cgroup, restart-container, orphan,
          then: [{do: kill-tree, before: 1m}]                 | p.yaml:3: unknown key then.before
          then: [{do: kill-tree, when: ever}]                 | p.yaml:3: invalid then.when=ever expected in-force, not-in-force or always
          then: [{do: kill-tree, keep: true}]                 | p.yaml:3: unknown key then.keep, known: do, level, when
          then: [{do: orphan, keep: yes}]                     | p.yaml:3: invalid then.keep=yes expected true or false
          then: [{do: delete-pod, grace: 0s}]                 | p.yaml:3: invalid then.grace=0s expected 1s to 3600s
          then: [{do: annotate, key: a}]                      | p.yaml:3: missing key then.value
          then: [{do: annotate, key: a b, value: c}]          | p.yaml:3: invalid then.key=a b expected a key of an annotation
          then: [{do: annotate, key: x.k8s.io/a, value: c}]   | p.yaml:3: invalid then.key=x.k8s.io/a expected a key of an annotation
          then: [{do: annotate, on: cat, key: a, value: c}]   | p.yaml:3: invalid then.on=cat expected pod or owner or node
          then: [{do: taint, effect: no}]                     | p.yaml:3: invalid then.effect=no expected NoSchedule or PreferNoSchedule or NoExecute
          then: [{do: taint, value: a b}]                     | p.yaml:3: invalid then.value=a b expected a label's value
          then: {do: kill-tree}                               | p.yaml:3: then must be a list of at most 8
          approval: {otherwise: kill}                         | p.yaml:3: invalid approval.otherwise=kill expected skip or act
          approval: {who: a b}                                | p.yaml:3: invalid approval.who=a b
          mode: observe                                       | p.yaml:3: key mode stands here twice
          name: [                                             | p.yaml:4: not YAML
          """)
  void shouldNameFileAndLineOfWhatItRefuses(String line, String message) {
    assertThatThrownBy(() -> Policies.parse("p.yaml", "name: a\nmode: observe\n" + line + "\n"))
        .isInstanceOf(InvalidPolicyException.class)
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mode: observe",
        "name: a",
        "name: a b\nmode: observe",
        "mode: kill\nname: a",
        "- a",
        ""
      })
  void shouldRefuseWhatIsNoPolicy(String text) {
    assertThatThrownBy(() -> Policies.parse("p.yaml", text))
        .isInstanceOf(InvalidPolicyException.class)
        .hasMessageStartingWith("p.yaml:1: ");
  }

  @Test
  void shouldRefuseToEnforceNothing() {
    assertThatThrownBy(() -> Policies.parse("p.yaml", "name: a\nmode: enforce\n"))
        .hasMessage(
            "p.yaml:1: policy a has nothing to do: set actions.cut or actions.freeze to true");
  }

  @Test
  void shouldRefuseTwoPoliciesOfOneName() {
    assertThatThrownBy(
            () -> Policies.parse("p.yaml", "name: a\nmode: observe\n---\nname: a\nmode: observe\n"))
        .hasMessage("p.yaml:4: a policy named a stands above");
  }

  @Test
  void shouldRefuseAFileBeyondTheLimit(@TempDir Path directory) throws Exception {
    Path file =
        Files.writeString(
            directory.resolve("p.yaml"), "#".repeat(PolicyFile.MAX_BYTES) + "\nname: a");

    assertThatThrownBy(() -> Policies.load(file))
        .hasMessageContaining("limit=" + PolicyFile.MAX_BYTES);
  }

  @Test
  void shouldLoadSeveralPoliciesInTheirOrder(@TempDir Path directory) throws Exception {
    Path file =
        Files.writeString(
            directory.resolve("p.yaml"), "name: a\nmode: observe\n---\nname: b\nmode: observe\n");

    assertThat(Policies.load(file).names()).isEqualTo(List.of("a", "b"));
  }

  @Test
  void shouldShipPoliciesThatParse() {
    assertThat(Policies.observing().first(onHost("1"), null).mode()).isEqualTo(Mode.OBSERVE);
    assertThat(Policies.enforcingContainers().first(inContainer("1"), null).mode())
        .isEqualTo(Mode.ENFORCE);
    assertThat(Policies.enforcingContainers().first(onHost("1"), null)).isNull();
    assertThat(Policies.starter().first(inContainer("1"), null).mode()).isEqualTo(Mode.DRYRUN);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          rules: reverse-*                              | true  | true
          rules: [other, 'reverse-shell-credentials']   | true  | true
          rules: reverse                                | false | false
          level: high                                   | true  | true
          level: critical                               | false | false
          techniques: T1059                             | true  | true
          techniques: T1059.004                         | true  | true
          techniques: [T1003.001, T1105]                | false | false
          responses: [isolate, pause]                   | false | false
          containers: {name: shop-*}                    | true  | false
          containers: {name: blog-*}                    | false | false
          containers: {image: '*/shop/*'}               | true  | false
          containers: {image: 'docker.io/*'}            | false | false
          containers: {runtime: containerd}             | true  | false
          containers: {runtime: crio, name: shop-web}   | false | false
          containers: {name: shop-web}\\nhost: true      | true  | true
          containers: {name: blog}\\nhost: true          | false | true
          host: true                                    | false | true
          host: false                                   | true  | false
          level: low                                    | true  | true
          """)
  void shouldMatchByEachKey(String match, boolean inContainer, boolean onHost) {
    String indented = "  " + match.replace("\\n", "\n  ");
    Policies policies =
        Policies.parse("p.yaml", "name: a\nmode: observe\nmatch:\n" + indented + "\n");

    assertThat(policies.first(inContainer("1"), null) != null).isEqualTo(inContainer);
    assertThat(policies.first(onHost("1"), null) != null).isEqualTo(onHost);
  }

  @Test
  void shouldMatchWhatTheRuleRecommends() {
    Policies policies =
        Policies.parse("p.yaml", "name: a\nmode: observe\nmatch: {responses: [isolate, pause]}\n");

    assertThat(policies.first(onHost("1").toBuilder().setResponse("pause").build(), null))
        .isNotNull();
    assertThat(policies.first(onHost("1").toBuilder().setResponse("page").build(), null)).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "*,anything,true", "a*c,abbc,true", "a*c,abb,false", "a?c,abc,true", "a?c,ac,false",
    "*a*b*,xaxbx,true", "*a*b*,xbxa,false", "abc,abc,true", "abc,abcd,false", "**,'',true"
  })
  void shouldMatchGlobs(String glob, String text, boolean matches) {
    assertThat(new Glob(glob).matches(text)).isEqualTo(matches);
  }
}
