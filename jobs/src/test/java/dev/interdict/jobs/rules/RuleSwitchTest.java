package dev.interdict.jobs.rules;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interdict.cep.RuleFile;
import dev.interdict.cep.RuleSet;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RuleSwitchTest {
  private final RuleSwitch rules = new RuleSwitch();
  private RuleBundle old;
  private RuleBundle coming;

  @BeforeEach
  void announce() throws IOException {
    old = bundle("a");
    coming = bundle("b");
    assertThat(rules.announced(new RulesAnnounced(old, null))).isTrue();
    assertThat(rules.announced(new RulesAnnounced(old, coming))).isFalse();
  }

  private static RuleBundle bundle(String program) throws IOException {
    String text =
        """
        title: Program
        logsource: {product: interdict, service: exec}
        detection:
          program: {process.exe: %s}
          condition: program
        """
            .formatted(program);
    return RuleBundle.of(RuleSet.of(List.of(new RuleFile("rule.yml", text))));
  }

  @Test
  void shouldEmitNothingBetweenTheBarrierAndItsCompletion() {
    assertThat(rules.holds()).isFalse();
    rules.snapshot(7);
    assertThat(rules.holds()).isTrue();
    assertThat(rules.active()).isEqualTo(old);

    assertThat(rules.complete(7)).isTrue();
    assertThat(rules.holds()).isFalse();
    assertThat(rules.active()).isEqualTo(coming);
  }

  @Test
  void shouldNotTakeAnEarlierCheckpointForTheOneThatCarriesTheChange() {
    rules.snapshot(7);
    assertThat(rules.complete(6)).isFalse();
    assertThat(rules.holds()).isTrue();
    assertThat(rules.active()).isEqualTo(old);
  }

  @Test
  void shouldTakeALaterCheckpointWhoseBarrierCameWhileItHeld() {
    rules.snapshot(7);
    rules.snapshot(8);
    assertThat(rules.complete(8)).isTrue();
    assertThat(rules.active()).isEqualTo(coming);
  }

  @Test
  void shouldGoOnUnderTheOldSetWhenTheCheckpointIsAbortedAndChangeWithTheNext() {
    rules.snapshot(7);
    rules.aborted(7);
    assertThat(rules.holds()).isFalse();
    assertThat(rules.complete(7)).isFalse();
    assertThat(rules.active()).isEqualTo(old);

    rules.snapshot(8);
    assertThat(rules.complete(8)).isTrue();
  }

  @Test
  void shouldHoldNoLongerForAChangeThatIsTakenBack() {
    rules.snapshot(7);
    assertThat(rules.announced(new RulesAnnounced(old, null))).isFalse();
    assertThat(rules.holds()).isFalse();
    assertThat(rules.complete(7)).isFalse();
    assertThat(rules.active()).isEqualTo(old);
  }
}
