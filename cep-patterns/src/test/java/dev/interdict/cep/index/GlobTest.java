package dev.interdict.cep.index;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class GlobTest {
  @Test
  void shouldMatchAsTheSameRegularExpression() {
    Random random = new Random(7);
    int matched = 0;
    for (int i = 0; i < 20_000; i++) {
      String glob = draw(random, "abAé?*", 6);
      String text = draw(random, "abABé", 6);
      StringBuilder regex = new StringBuilder();
      int[] tokens = new int[glob.length() * 2];
      int n = 0;
      for (char c : glob.toCharArray()) {
        if (c == '*') {
          tokens[n++] = Glob.STAR;
          regex.append(".*");
        } else if (c == '?') {
          tokens[n++] = Glob.ONE;
          regex.append('.');
        } else {
          for (byte b : String.valueOf(c).getBytes(StandardCharsets.UTF_8)) {
            tokens[n++] = b & 0xff;
          }
          regex.append(c);
        }
      }
      boolean cased = random.nextBoolean();
      boolean expected =
          Pattern.compile(regex.toString(), cased ? 0 : Pattern.CASE_INSENSITIVE)
              .matcher(text)
              .matches();
      Glob compiled = new Glob(java.util.Arrays.copyOf(tokens, n), cased);
      byte[] bytes = ("x" + text + "x").getBytes(StandardCharsets.UTF_8);
      assertThat(compiled.matches(bytes, 1, bytes.length - 2))
          .as("%s on '%s'", compiled, text)
          .isEqualTo(expected);
      matched += expected ? 1 : 0;
    }
    assertThat(matched).isGreaterThan(500);
  }

  @Test
  void shouldKnowItsShape() {
    assertThat(Glob.equalTo("a").shape()).isEqualTo(Glob.Shape.EQUALS);
    assertThat(Glob.equalTo("").shape()).isEqualTo(Glob.Shape.EQUALS);
    assertThat(new Glob(new int[] {Glob.STAR}, false).shape()).isEqualTo(Glob.Shape.ANY);
    assertThat(new Glob(new int[] {'a', Glob.STAR}, false).shape()).isEqualTo(Glob.Shape.PREFIX);
    assertThat(new Glob(new int[] {Glob.STAR, 'a'}, false).shape()).isEqualTo(Glob.Shape.SUFFIX);
    assertThat(new Glob(new int[] {Glob.STAR, 'a', Glob.STAR, Glob.STAR}, false).shape())
        .isEqualTo(Glob.Shape.CONTAINS);
    assertThat(new Glob(new int[] {'a', Glob.ONE}, false).shape()).isEqualTo(Glob.Shape.GENERAL);
  }

  private static String draw(Random random, String letters, int most) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(most + 1); i > 0; i--) {
      text.append(letters.charAt(random.nextInt(letters.length())));
    }
    return text.toString();
  }
}
