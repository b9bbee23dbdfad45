package dev.interdict.cep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interdict.cep.content.SequenceReplay;
import dev.interdict.cep.content.SequenceReplay.Finding;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@link Letters} says how rules and events are written here. */
class SequenceTest {
  private static RuleSet set(String sequence) {
    return Letters.rules("title: Sequence\nsequence:\n" + sequence.indent(2));
  }

  private static List<Finding> findings(String sequence, String events) {
    RuleSet set = set(sequence);
    return SequenceReplay.findings(set.sequences().get(0), Letters.observe(set, events));
  }

  @ParameterizedTest
  @CsvSource({
    "a x b c, 1",
    "a c b, 0",
    "b a c, 0",
    "a b 60c, 1",
    "0a 1b 62c, 0",
    "ab c, 0",
    "a bc, 0"
  })
  void shouldTakeStepsInOrderWithinTheWhole(String events, int count) {
    assertThat(findings("within: 1m\nsteps: [{rule: a}, {rule: b}, {rule: c}]", events))
        .hasSize(count);
  }

  @ParameterizedTest
  @CsvSource({"a b, 1", "0a 5b, 1", "0a 6b, 0", "0a 6b 7a 8b, 1"})
  void shouldLimitAGap(String events, int count) {
    assertThat(findings("within: 1m\nsteps: [{rule: a}, {rule: b, within: 5s}]", events))
        .hasSize(count);
  }

  @ParameterizedTest
  @CsvSource({"a a b, 0", "a a a b, 1", "a a a a b, 1", "a b a b a b, 1"})
  void shouldTakeAStepSeveralTimes(String events, int count) {
    assertThat(findings("within: 1m\nsteps: [{rule: a, times: 3}, {rule: b}]", events))
        .hasSize(count);
  }

  @ParameterizedTest
  @CsvSource({"a c, 1", "a b c, 0", "b a c, 1", "a b a c, 1", "a bc, 0"})
  void shouldNotHappenBetween(String events, int count) {
    assertThat(
            findings("within: 1m\nsteps: [{rule: a}, {rule: b, absent: true}, {rule: c}]", events))
        .hasSize(count);
  }

  @ParameterizedTest
  @CsvSource({"0a 4b, 0", "0a 6b, 1", "0a 5x, 1", "0a, 1"})
  void shouldNotHappenBeforeADeadline(String events, int count) {
    assertThat(
            findings("within: 1m\nsteps: [{rule: a}, {rule: b, absent: true, within: 5s}]", events))
        .hasSize(count);
  }

  @ParameterizedTest
  @CsvSource({"abc, 1", "ab c, 1", "a bc, 1", "a b c, 1", "a c, 0", "ac b, 0", "bc a, 0"})
  void shouldLetOneEventMeetSeveralSteps(String events, int count) {
    String steps = "[{rule: a}, {rule: b, same_event: true}, {rule: c, same_event: true}]";
    assertThat(findings("within: 1m\nsteps: " + steps, events)).hasSize(count);
  }

  @ParameterizedTest
  @CsvSource({"a b, 0", "a bx, 1", "a b bx, 1", "ax b, 0"})
  void shouldAskMoreOfAStepThanItsRule(String events, int count) {
    String steps = "[{rule: a}, {rule: b, when: {process.exe|endswith: x}}]";
    assertThat(findings("within: 1m\nsteps: " + steps, events)).hasSize(count);
  }

  @ParameterizedTest
  @CsvSource({"ax bx, 0", "ax by, 1", "ax bx by, 1", "ax bx ay bx, 1", "ax ay by bx, 2"})
  void shouldCompareAcrossSteps(String events, int count) {
    String steps =
        "[{rule: a, as: first}, {rule: b, as: then,"
            + " where: \"first.process.exe.substring(1) != then.process.exe.substring(1)\"}]";
    assertThat(findings("within: 1m\nsteps: " + steps, events)).hasSize(count);
  }

  @ParameterizedTest
  @CsvSource({"ax bx c, 0", "ax by c, 1"})
  void shouldCompareAnAbsentStep(String events, int count) {
    String steps =
        "[{rule: a, as: first}, {rule: b, as: other, absent: true,"
            + " where: \"other.process.exe.substring(1) == first.process.exe.substring(1)\"},"
            + " {rule: c}]";
    assertThat(findings("within: 1m\nsteps: " + steps, events)).hasSize(count);
  }

  @Test
  void shouldReportOneFindingPerKeyAndLastEvent() {
    List<Finding> findings = findings("within: 1m\nsteps: [{rule: a}, {rule: b}]", "a a b");
    assertThat(findings).containsExactly(new Finding("lineage=0000000000000001", List.of(0, 2)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "steps: [{rule: a}, {rule: b}];missing within",
        "within: 1y~steps: [{rule: a}, {rule: b}];invalid time span 1y",
        "within: 1m~steps: [{rule: a}];a sequence of one event is a rule",
        "within: 1m~steps: [{rule: a}, {rule: d}];no rule has the id or name d",
        "within: 1m~steps: [{rule: a, absent: true}, {rule: b}];the first step has nothing before",
        "within: 1m~steps: [{rule: a}, {rule: b, absent: true}];needs within",
        "within: 1m~steps: [{rule: a}, {rule: b, key: file.path}];can never equal the first",
        "within: 1m~key: exec.memfd~steps: [{rule: a}, {rule: b}];a flag joins nothing",
        "within: 1m~key: pid~steps: [{rule: a}, {rule: b}];unknown key pid",
        "within: 1m~steps: [{rule: a}, {rule: b, time: 3}];unknown key time",
        "within: 1m~steps: [{rule: a}, {rule: b, times: 0}];invalid times=0 limit=1000",
        "within: 1m~steps: [{rule: a, as: x}, {rule: b, as: x}];invalid as=x",
        "within: 1m~steps: [{rule: a, as: X}, {rule: b}];invalid as=X",
        "within: 1m~steps: [{rule: a, as: x}, {rule: b, where: x.process.exes == ''}];4: invalid"
            + " where: unknown field process.exes of step x",
        "within: 1m~steps: [{rule: a}, {rule: b, where: x.process.exe == ''}];undeclared reference",
        "within: 1m~steps: [{rule: a, as: x}, {rule: b, where: x.process.uid == ''}];no matching",
        "within: 1m~steps: [{rule: a, as: x}, {rule: b, where: x.process.uid}];expected type 'bool'",
        "within: 1m~steps: [{rule: a}, {rule: b, when: {process.exes: a}}];unknown field process.exes"
      })
  void shouldSayWhatIsWrong(String sequence, String message) {
    assertThatThrownBy(() -> set(sequence.replace('~', '\n')))
        .isInstanceOf(InvalidRulesException.class)
        .hasMessageContaining(message);
  }
}
