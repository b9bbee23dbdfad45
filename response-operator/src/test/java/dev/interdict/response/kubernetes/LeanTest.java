package dev.interdict.response.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import org.junit.jupiter.api.Test;

final class LeanTest {
  /** The API server leaves out what is empty. */
  @Test
  void shouldKeepAPodWithoutLabelsAndAnnotations() {
    Pod pod =
        new PodBuilder()
            .withNewMetadata()
            .withName("bare")
            .withNamespace("default")
            .withUid("1")
            .endMetadata()
            .withNewSpec()
            .endSpec()
            .withNewStatus()
            .endStatus()
            .build();
    pod.getMetadata().setLabels(null);
    pod.getMetadata().setAnnotations(null);
    Pod lean = Lean.pod(pod);
    assertThat(lean.getMetadata().getLabels()).isEmpty();
    assertThat(Pods.isStatic(lean)).isFalse();
    assertThat(Pods.isReady(lean)).isFalse();
  }
}
