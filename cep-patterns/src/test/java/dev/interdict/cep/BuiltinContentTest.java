package dev.interdict.cep;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interdict.cep.content.ContentTest;
import dev.interdict.schema.Kind;
import dev.interdict.schema.Kinds;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class BuiltinContentTest {
  private final RuleSet content = RuleSet.builtin();

  @TestFactory
  Stream<DynamicTest> shouldBehaveAsItsOwnTestsSay() {
    return behaving(content);
  }

  /** Rules on kinds that are looked at only if somebody asks: what needs them asks for them. */
  @TestFactory
  Stream<DynamicTest> shouldBehaveAsItsOwnTestsSayWhereItIsOnRequest() throws IOException {
    return behaving(RuleSet.load(Path.of("on-request")));
  }

  @Test
  void shouldNotTurnOnWhatLooksInsideProcesses() {
    assertThat(content.kinds() & (Kinds.bit(Kind.TLS) | Kinds.bit(Kind.READLINE))).isZero();
  }

  private static Stream<DynamicTest> behaving(RuleSet content) {
    return ContentTest.suite(content).tests().stream()
        .map(
            test ->
                DynamicTest.dynamicTest(
                    test.location() + " " + test.subject().title() + " " + test.name(),
                    () ->
                        assertThat(test.run(content, content.newMatcher()))
                            .as(test.location().toString())
                            .extracting(ContentTest.Result::message)
                            .isEqualTo("")));
  }

  @Test
  void shouldTestEveryRuleWithAMatchAndANearMiss() {
    assertThat(ContentTest.suite(content).untested()).isEmpty();
    for (boolean expected : new boolean[] {true, false}) {
      assertThat(ContentTest.suite(content).tests().stream())
          .filteredOn(test -> test.expected() == expected)
          .extracting(test -> test.subject().title())
          .containsAll(content.rules().stream().map(Rule::title).toList())
          .containsAll(content.sequences().stream().map(Sequence::title).toList());
    }
  }

  @Test
  void shouldNameTechniqueAndAuthorOfEachRule() {
    assertThat(content.refusals()).isEmpty();
    assertThat(content.rules()).hasSizeGreaterThan(10);
    assertThat(content.sequences()).hasSizeGreaterThanOrEqualTo(3);
    assertThat(content.rules())
        .allSatisfy(
            rule -> {
              assertThat(rule.techniques()).as(rule.title()).isNotEmpty();
              assertThat(rule.author()).as(rule.title()).isNotEmpty();
            });
    assertThat(content.sequences())
        .allSatisfy(sequence -> assertThat(sequence.techniques()).isNotEmpty());
  }

  @Test
  void shouldNotAlertOnThePartsOfASequence() {
    assertThat(content.rules())
        .filteredOn(rule -> rule.name().equals("shell_from_service"))
        .singleElement()
        .matches(rule -> !rule.alerts());
    assertThat(content.rules())
        .filteredOn(rule -> rule.title().equals("Program run from memory"))
        .singleElement()
        .matches(Rule::alerts);
  }
}
