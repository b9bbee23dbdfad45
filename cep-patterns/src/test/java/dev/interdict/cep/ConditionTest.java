package dev.interdict.cep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interdict.schema.Event;
import dev.interdict.schema.Exec;
import dev.interdict.schema.Kind;
import dev.interdict.schema.Process;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Searches yes_a and yes_b hold, no_a and no_b and _no do not. */
class ConditionTest {
  private static final String RULE =
      """
      title: t
      logsource: {product: interdict, service: exec}
      detection:
        yes_a: {process.exe: /a}
        yes_b:
          - {process.exe: /b}
          - {process.exe: /a}
        no_a: {process.exe: /b}
        no_b:
          process.exe: /a
          process.cwd: /b
        _no: {process.exe: /c}
        condition: %s
      """;

  private static final Event EVENT =
      Event.newBuilder()
          .setTime(1)
          .setKind(Kind.EXEC)
          .setProcess(Process.newBuilder().setExe("/a"))
          .setExec(Exec.getDefaultInstance())
          .build();

  @ParameterizedTest
  @CsvSource({
    "yes_a, true",
    "no_a, false",
    "not no_a, true",
    "not not yes_a, true",
    "yes_a and yes_b, true",
    "yes_a and no_a, false",
    "no_a or yes_a, true",
    "no_a and no_b or yes_a, true",
    "no_a and (no_b or yes_a), false",
    "not no_a and yes_a, true",
    "not (no_a or yes_a), false",
    "1 of yes_*, true",
    "all of yes_*, true",
    "all of *_a, false",
    "1 of *_a, true",
    "1 of no_*, false",
    "not 1 of no_*, true",
    "all of them, false",
    "1 of them, true",
    "yes_a and not 1 of no_*, true",
    "YES_A or yes_a, ''",
    "yes_a AND NOT no_a, true"
  })
  void shouldCombineSearches(String condition, String expected) {
    if (expected.isEmpty()) {
      assertThatThrownBy(() -> Sets.of(RULE.formatted(condition)))
          .hasMessageContaining("no search is called YES_A");
      return;
    }
    assertThat(Sets.hits(Sets.of(RULE.formatted(condition)), EVENT))
        .hasSize(Boolean.parseBoolean(expected) ? 1 : 0);
  }

  @ParameterizedTest
  @CsvSource({
    "yes_a and, ends too early",
    "(yes_a, missing )",
    "yes_a), unexpected )",
    "yes_a no_a, unexpected no_a",
    "2 of yes_*, expected 1 of or all of",
    "1 of maybe_*, no search is called maybe_*"
  })
  void shouldSayWhatIsWrong(String condition, String message) {
    assertThatThrownBy(() -> Sets.of(RULE.formatted(condition)))
        .isInstanceOf(InvalidRulesException.class)
        .hasMessageContaining("test.yml:13: invalid condition")
        .hasMessageContaining(message);
  }
}
