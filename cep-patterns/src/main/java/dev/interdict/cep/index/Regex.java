package dev.interdict.cep.index;

import com.google.re2j.Pattern;
import java.nio.charset.StandardCharsets;

/** A regular expression found anywhere in the text, in time linear to the text (RE2). */
public final class Regex implements TextTest {
  private final Pattern pattern;
  private final byte[][] guards;
  private final int minLength;

  /**
   * @param flags of {@link Pattern}
   * @throws com.google.re2j.PatternSyntaxException for what RE2 lacks, such as look-ahead
   */
  public Regex(String expression, int flags) {
    pattern = Pattern.compile(expression, flags);
    boolean ignoresCase = (flags & Pattern.CASE_INSENSITIVE) != 0;
    RegexShape shape = RegexShape.of(expression, ignoresCase);
    guards = shape.literals().stream().map(Fold::fold).toArray(byte[][]::new);
    minLength = shape.length();
  }

  @Override
  public boolean matches(byte[] array, int offset, int length) {
    return length >= minLength
        && pattern.matcher(new String(array, offset, length, StandardCharsets.UTF_8)).find();
  }

  @Override
  public byte[][] guards() {
    return guards;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Regex regex && pattern.equals(regex.pattern);
  }

  @Override
  public int hashCode() {
    return pattern.hashCode();
  }

  @Override
  public String toString() {
    return "/" + pattern.pattern() + "/";
  }
}
