package dev.interdict.cep;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interdict.schema.Audit;
import dev.interdict.schema.Event;
import dev.interdict.schema.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rules for the API server's audit log, by the names that SigmaHQ's use. */
final class KubernetesAuditTest {
  private static boolean hit(String logsource, String selection, Audit.Builder audit) {
    RuleSet set =
        Sets.of(
            """
            title: t
            logsource: {%s}
            detection:
              s: {%s}
              condition: s
            """
                .formatted(logsource, selection));
    Event event = Event.newBuilder().setTime(1).setKind(Kind.AUDIT).setAudit(audit).build();
    return Sets.hits(set, event).length == 1;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "product: kubernetes, service: audit",
        "category: application, product: kubernetes, service: audit"
      })
  void shouldKnowAnExecIntoAPod(String logsource) {
    String exec = "verb: create, objectRef.resource: pods, objectRef.subresource: exec";
    Audit.Builder audit = Audit.newBuilder().setVerb("create").setResource("pods");
    assertThat(hit(logsource, exec, audit)).isFalse();
    assertThat(hit(logsource, exec, audit.setSubresource("exec"))).isTrue();
  }

  @Test
  void shouldKnowWhatAPodAsksForAndWhoWasRefused() {
    String logsource = "category: application, product: kubernetes, service: audit";
    Audit.Builder pod = Audit.newBuilder().setVerb("create").setResource("pods").setStatus(201);
    assertThat(hit(logsource, "hostPath: '*'", pod)).isFalse();
    assertThat(hit(logsource, "hostPath: '*'", pod.setHostPaths("/etc"))).isTrue();
    assertThat(hit(logsource, "capabilities: '*'", pod)).isFalse();
    assertThat(hit(logsource, "capabilities: '*'", pod.setCapabilities("SYS_ADMIN"))).isTrue();
    assertThat(hit(logsource, "responseStatus.code: [401, 403]", pod)).isFalse();
    assertThat(hit(logsource, "responseStatus.code: [401, 403]", pod.setStatus(403))).isTrue();
    String listing =
        "verb: create, apiGroup: authorization.k8s.io, objectRef.resource: selfsubjectrulesreviews";
    Audit.Builder review = pod.clone().setResource("selfsubjectrulesreviews");
    assertThat(hit(logsource, listing, review)).isFalse();
    assertThat(hit(logsource, listing, review.setApiGroup("authorization.k8s.io"))).isTrue();
  }
}
