package dev.interdict.cep.index;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RegexTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "abc;abc",
        "^abc$;abc",
        "ab+cde;cde",
        "abc?d;ab",
        "abc*de;ab",
        "ab{2}cde;cde",
        "ab{0,2};a",
        "(abc)?xy;xy",
        "(?:abc)xy;''",
        "abc|de;''",
        "a(b|c)defg;defg",
        "[abc]de;de",
        "[]x]de;de",
        "[^]|]de;de",
        "x\\|y;x|y",
        "\\d+abc\\.sh;abc.sh",
        "(?i)abc;''",
        "\\Qa|b\\E;''",
        "a.c;a"
      })
  void shouldFindTextThatMustOccur(String expression, String literal) {
    assertThat(Regex.requiredLiteral(expression)).isEqualTo(literal);
  }
}
