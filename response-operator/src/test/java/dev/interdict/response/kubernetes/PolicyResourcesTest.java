package dev.interdict.response.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interdict.response.InvalidPolicyException;
import dev.interdict.response.Policies;
import dev.interdict.response.StepKind;
import io.fabric8.kubernetes.client.utils.Serialization;
import org.junit.jupiter.api.Test;

final class PolicyResourcesTest {
  /** Every key that there is. */
  private static final String WHOLE =
      """
      apiVersion: interdict.dev/v1alpha1
      kind: ResponsePolicy
      metadata: {name: whole}
      spec:
        order: 10
        mode: enforce
        match:
          rules: [reverse-*]
          level: high
          score: 40
          techniques: [T1059.004]
          responses: [isolate-container]
          containers: {name: [a], image: [b], runtime: [c], namespace: [d], pod: [e]}
          owner: {kind: [Deployment], name: [web], labels: {tier: front}, stateful: false}
          host: false
        actions: {cut: true, freeze: true, ttl: 10m}
        then:
        - {do: save-window, before: 10m, when: always}
        - {do: orphan, keep: true}
        - {do: evict-pod, grace: 5s, bare: true}
        - {do: annotate, on: owner, key: example.org/incident, value: "1", level: critical}
        - {do: checkpoint, timeout: 30s}
        - {do: taint, key: example.org/hit, value: "true", effect: NoExecute}
        limits:
          containmentsPerNodePerMinute: 5
          perWorkload: 2/1h
          perNamespace: 4/10m
          perCluster: 9/10m
          maxAlertAge: 30m
          warmUp: 1m
          disarmRuleBeyondWorkloads: 5/10m
          minimumHealthy: 1
          respectDisruptionBudgets: true
        exempt: {containers: [a], namespaces: [b], owners: [Deployment/c], binaries: [/bin/d]}
        approval: {who: [anna], within: 5m, otherwise: act}
      """;

  private static Policies parse(String text) {
    return PolicyResources.parse(Serialization.unmarshal(text, ResponsePolicy.class));
  }

  @Test
  void shouldReadEveryKeyOfAPolicyFile() {
    Policies policies = parse(WHOLE);
    assertThat(policies.names()).containsExactly("whole");
    assertThat(policies.stepKinds())
        .containsExactlyInAnyOrder(
            StepKind.SAVE_WINDOW,
            StepKind.ORPHAN,
            StepKind.EVICT_POD,
            StepKind.ANNOTATE,
            StepKind.CHECKPOINT,
            StepKind.TAINT);
  }

  /** What is lost on the way would be a policy without its limits. */
  @Test
  void shouldSayTheSameAsTheFile() {
    String spec = WHOLE.substring(WHOLE.indexOf("spec:\n") + 6).indent(-2);
    Policies file = Policies.parse("file", "name: whole\n" + spec.replace("order: 10\n", ""));
    assertThat(parse(WHOLE)).usingRecursiveComparison().isEqualTo(file);
  }

  @Test
  void shouldNameWhatIsWrong() {
    assertThatThrownBy(() -> parse(WHOLE.replace("do: orphan", "do: fly")))
        .isInstanceOf(InvalidPolicyException.class)
        .hasMessageContaining("ResponsePolicy whole")
        .hasMessageContaining("then.do=fly");
  }

  @Test
  void shouldTryOthersWhereNoneOfTheseMatches() {
    Policies all = parse(WHOLE).before(Policies.observing());
    assertThat(all.names().get(0)).isEqualTo("whole");
    assertThat(all.names()).hasSizeGreaterThan(1);
  }
}
