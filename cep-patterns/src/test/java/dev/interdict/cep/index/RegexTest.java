package dev.interdict.cep.index;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.re2j.Pattern;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RegexTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "abc;3;abc",
        "^abc$;3;abc",
        "ab+cde;5;bcde",
        "abc?d;3;abcd abd",
        "abc*de;4;ab",
        "ab{2}cde;6;bcde",
        "ab{0,2};1;a",
        "(abc)?xy;2;xy",
        "(abc)+xy;5;abcxy",
        "(?:abc)xy;5;abcxy",
        "(?P<n>abcd)xy;6;abcdxy",
        "abc|de;2;abc de",
        "abc|d*;0;''",
        "(abc|d.)e;3;e",
        "a(b|cc)defg;6;abdefg accdefg",
        "(^|/)(npm|pip3?)\\S* (\\S+ )*(i|add)\\b;5;npm pip",
        "\\|\\s*(sudo\\s+)?(ba|z)?sh\\b;3;|",
        "(curl|wget)\\b[^|]*\\|;5;curl wget",
        "/(tmp|dev/shm)/(.*/)?\\.[^/];7;/dev/shm/ /tmp/",
        "[abc]de;3;de",
        "[]x]de;3;de",
        "[^]|]de;3;de",
        "x\\|y;3;x|y",
        "\\d+abc\\.sh;7;abc.sh",
        "\\babc\\b;3;abc",
        "(?i)abc;3;abc",
        "(?i)task;4;ta",
        "\\Qa|b\\E;0;''",
        "a.c;3;a",
        "(.){200,};200;''",
        "[^/]{100,}$;100;''",
        "https://[0-9]{1,3}\\.[0-9]{1,3};11;https://",
        "a\\x41b;3;a",
        "\\p{L}ab;3;ab",
        "a{x};4;a{x}"
      })
  void shouldKnowWhatATextMustHave(String expression, int length, String literals) {
    Set<String> expected = literals.isEmpty() ? Set.of() : Set.of(literals.split(" "));
    assertThat(RegexShape.of(expression, false)).isEqualTo(new RegexShape(length, expected));
  }

  @Test
  void shouldNeverDemandMoreThanAMatchHas() {
    Random random = new Random(11);
    String[] atoms = {"a", "b", "k", "\\.", ".", "[ab]", "(a|bk)", "(?:ab)", "\\w", "(b(a)?)", "é"};
    String[] quantifiers = {"", "", "", "?", "*", "+", "{2}", "{0,1}", "{1,}", "+?"};
    int matched = 0;
    int demanded = 0;
    for (int i = 0; i < 30_000; i++) {
      StringBuilder expression = new StringBuilder();
      for (int j = random.nextInt(4); j >= 0; j--) {
        expression.append(atoms[random.nextInt(atoms.length)]);
        expression.append(quantifiers[random.nextInt(quantifiers.length)]);
        expression.append(random.nextInt(8) == 0 ? "|" : "");
      }
      boolean ignoresCase = random.nextBoolean();
      StringBuilder text = new StringBuilder();
      for (int j = random.nextInt(8); j > 0; j--) {
        text.append("abkABK.é\u212a".charAt(random.nextInt(9)));
      }
      int flags = ignoresCase ? Pattern.CASE_INSENSITIVE : 0;
      if (Pattern.compile(expression.toString(), flags).matcher(text).find()) {
        matched++;
        RegexShape shape = RegexShape.of(expression.toString(), ignoresCase);
        assertThat(text.length()).as("%s", expression).isGreaterThanOrEqualTo(shape.length());
        if (!shape.literals().isEmpty()) {
          demanded++;
          assertThat(shape.literals())
              .as("%s in %s", expression, text)
              .anyMatch(literal -> folded(text.toString()).contains(folded(literal)));
        }
      }
    }
    assertThat(matched).isGreaterThan(5_000);
    assertThat(demanded).isGreaterThan(1_000);
  }

  private static String folded(String text) {
    return new String(Fold.fold(text), StandardCharsets.UTF_8);
  }
}
