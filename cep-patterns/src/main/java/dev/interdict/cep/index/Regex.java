package dev.interdict.cep.index;

import com.google.re2j.Pattern;
import java.nio.charset.StandardCharsets;

/** A regular expression found anywhere in the text, in time linear to the text (RE2). */
public final class Regex implements TextTest {
  private final Pattern pattern;
  private final byte[] guard;

  /**
   * @param flags of {@link Pattern}
   * @throws com.google.re2j.PatternSyntaxException for what RE2 lacks, such as look-ahead
   */
  public Regex(String expression, int flags) {
    pattern = Pattern.compile(expression, flags);
    guard = Fold.fold(requiredLiteral(expression));
  }

  @Override
  public boolean matches(byte[] array, int offset, int length) {
    return pattern.matcher(new String(array, offset, length, StandardCharsets.UTF_8)).find();
  }

  @Override
  public byte[] guard() {
    return guard;
  }

  /**
   * The longest run of plain characters outside groups and classes. Cautious: with an alternation
   * outside groups, an inline flag or a quoted part there is none.
   */
  static String requiredLiteral(String expression) {
    if (expression.contains("(?") || expression.contains("\\Q")) {
      return "";
    }
    String longest = "";
    StringBuilder run = new StringBuilder();
    int depth = 0;
    for (int i = 0; i < expression.length(); i++) {
      char c = expression.charAt(i);
      boolean literal = false;
      if (c == '\\' && i + 1 < expression.length()) {
        c = expression.charAt(++i);
        literal = depth == 0 && !Character.isLetterOrDigit(c);
      } else if (c == '[') {
        i = endOfClass(expression, i);
      } else if (c == '(') {
        depth++;
      } else if (c == ')') {
        depth--;
      } else if (c == '|' && depth == 0) {
        return "";
      } else {
        literal = depth == 0 && "^$.*+?{}".indexOf(c) < 0 && c < 0x80;
      }
      char next = i + 1 < expression.length() ? expression.charAt(i + 1) : 0;
      boolean optional = next == '*' || next == '?' || next == '{';
      if (literal && !optional) {
        run.append(c);
      }
      if (!literal || optional || next == '+') {
        longest = run.length() > longest.length() ? run.toString() : longest;
        run.setLength(0);
        if (c == '{') {
          i = Math.max(i, expression.indexOf('}', i));
        }
      }
    }
    return run.length() > longest.length() ? run.toString() : longest;
  }

  private static int endOfClass(String expression, int start) {
    int i = start + 1;
    if (i < expression.length() && expression.charAt(i) == '^') {
      i++;
    }
    if (i < expression.length() && expression.charAt(i) == ']') {
      i++;
    }
    while (i < expression.length() && expression.charAt(i) != ']') {
      if (expression.charAt(i) == '\\') {
        i++;
      } else if (expression.startsWith("[:", i)) {
        int end = expression.indexOf(":]", i);
        i = end < 0 ? i : end + 1;
      }
      i++;
    }
    return i;
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
