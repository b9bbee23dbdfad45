package dev.interdict.response.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorBuilder;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class SelectorsTest {
  private static final Map<String, String> WEB = Map.of("app", "web", "tier", "front");

  @Test
  void shouldSelectAsTheApiServerDoes() {
    assertThat(WatchedWorkloads.selects(null, WEB)).isFalse();
    assertThat(WatchedWorkloads.selects(new LabelSelector(), WEB)).isTrue();
    assertThat(selects("app", "In", "web", "db")).isTrue();
    assertThat(selects("app", "In", "db")).isFalse();
    assertThat(selects("zone", "In", "a")).isFalse();
    assertThat(selects("app", "NotIn", "db")).isTrue();
    assertThat(selects("app", "NotIn", "web")).isFalse();
    assertThat(selects("zone", "NotIn", "a")).isTrue();
    assertThat(selects("tier", "Exists")).isTrue();
    assertThat(selects("zone", "Exists")).isFalse();
    assertThat(selects("zone", "DoesNotExist")).isTrue();
    assertThat(
            WatchedWorkloads.selects(
                new LabelSelectorBuilder().addToMatchLabels("app", "db").build(), WEB))
        .isFalse();
  }

  private static boolean selects(String key, String operator, String... values) {
    return WatchedWorkloads.selects(
        new LabelSelectorBuilder()
            .addNewMatchExpression()
            .withKey(key)
            .withOperator(operator)
            .withValues(values)
            .endMatchExpression()
            .build(),
        WEB);
  }
}
