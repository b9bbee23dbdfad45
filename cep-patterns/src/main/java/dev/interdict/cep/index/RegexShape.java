package dev.interdict.cep.index;

/**
 * What any text must have to match a regular expression: a length and a run of plain characters.
 * Cautious: where the expression is not understood it demands nothing.
 *
 * @param length characters at least
 * @param literal must occur, ignoring case; empty if nothing must
 */
record RegexShape(int length, String literal) {
  private static final RegexShape NOTHING = new RegexShape(0, "");
  private static final int MAX_LENGTH = 1 << 20;

  static RegexShape of(String expression, boolean ignoresCase) {
    boolean flags = expression.matches("(?s).*\\(\\?[a-zA-Z-]*i.*");
    if (expression.contains("\\Q")) {
      return NOTHING;
    }
    Parser parser = new Parser(expression, ignoresCase || flags);
    RegexShape shape = parser.alternation();
    return parser.at == expression.length() ? shape : NOTHING;
  }

  private static final class Parser {
    private final String text;
    private final boolean ignoresCase;
    private int at;

    Parser(String text, boolean ignoresCase) {
      this.text = text;
      this.ignoresCase = ignoresCase;
    }

    RegexShape alternation() {
      RegexShape shape = concatenation();
      while (at < text.length() && text.charAt(at) == '|') {
        at++;
        RegexShape other = concatenation();
        shape = new RegexShape(Math.min(shape.length, other.length), "");
      }
      return shape;
    }

    private RegexShape concatenation() {
      int length = 0;
      String longest = "";
      StringBuilder run = new StringBuilder();
      while (at < text.length() && text.charAt(at) != '|' && text.charAt(at) != ')') {
        int start = at;
        RegexShape atom = atom();
        boolean plain = atom.length == 1 && atom.literal.length() == 1 && text.charAt(start) != '(';
        int least = quantifier();
        boolean once = least == 1 && at > 0 && !quantified;
        length =
            Math.min(MAX_LENGTH, length + (int) Math.min(MAX_LENGTH, (long) atom.length * least));
        if (plain && least >= 1) {
          run.append(atom.literal);
        }
        if (!plain || !once) {
          longest = longer(longest, run.toString());
          run.setLength(0);
        }
        if (!plain && least >= 1) {
          longest = longer(longest, atom.literal);
        }
      }
      return new RegexShape(length, longer(longest, run.toString()));
    }

    private static String longer(String a, String b) {
      return b.length() > a.length() ? b : a;
    }

    /** What one unit demands if it stands once. */
    private RegexShape atom() {
      char c = text.charAt(at++);
      switch (c) {
        case '(':
          return group();
        case '[':
          at = endOfClass();
          return new RegexShape(1, "");
        case '^', '$':
          return NOTHING;
        case '.':
          return new RegexShape(1, "");
        case '\\':
          return escape();
        default:
          return literal(c);
      }
    }

    private RegexShape literal(char c) {
      // Ignoring case, k and s also stand for the Kelvin sign and the long s.
      boolean ambiguous = c >= 0x80 || (ignoresCase && "kKsS".indexOf(c) >= 0);
      boolean pair = Character.isSurrogate(c);
      return new RegexShape(pair ? 0 : 1, ambiguous ? "" : String.valueOf(c));
    }

    private RegexShape escape() {
      char c = at < text.length() ? text.charAt(at++) : 0;
      if (!Character.isLetterOrDigit(c)) {
        return literal(c);
      }
      if ("bBAzZ".indexOf(c) >= 0) {
        return NOTHING;
      }
      if ("pPx".indexOf(c) >= 0 && at < text.length()) {
        int close = text.charAt(at) == '{' ? text.indexOf('}', at) : -1;
        at = close >= 0 ? close + 1 : Math.min(text.length(), at + (c == 'x' ? 2 : 1));
        return new RegexShape(1, "");
      }
      return "dDsSwWtnrfav".indexOf(c) >= 0 ? new RegexShape(1, "") : NOTHING;
    }

    private RegexShape group() {
      if (text.startsWith("?", at)) {
        int end = at;
        while (end < text.length() && ":)>".indexOf(text.charAt(end)) < 0) {
          end++;
        }
        at = Math.min(text.length(), end + 1);
        if (end < text.length() && text.charAt(end) == ')') {
          return NOTHING; // flags alone
        }
      }
      RegexShape inner = alternation();
      if (at < text.length()) {
        at++; // the closing parenthesis
      }
      return inner;
    }

    private int endOfClass() {
      int i = at;
      if (i < text.length() && text.charAt(i) == '^') {
        i++;
      }
      if (i < text.length() && text.charAt(i) == ']') {
        i++;
      }
      while (i < text.length() && text.charAt(i) != ']') {
        if (text.charAt(i) == '\\') {
          i++;
        } else if (text.startsWith("[:", i) && text.indexOf(":]", i) > 0) {
          i = text.indexOf(":]", i) + 1;
        }
        i++;
      }
      return Math.min(text.length(), i + 1);
    }

    private boolean quantified;

    /** How often the unit before must occur at least. */
    private int quantifier() {
      quantified = true;
      char c = at < text.length() ? text.charAt(at) : 0;
      int least = 1;
      if (c == '*' || c == '?') {
        at++;
        least = 0;
      } else if (c == '+') {
        at++;
      } else if (c == '{' && text.indexOf('}', at) > 0) {
        String inside = text.substring(at + 1, text.indexOf('}', at));
        if (!inside.matches("\\d{1,6}(,\\d{0,6})?")) {
          quantified = false;
          return 1; // a brace as it is written; its characters follow
        }
        least = Integer.parseInt(inside.split(",", -1)[0]);
        at = text.indexOf('}', at) + 1;
      } else {
        quantified = false;
        return 1;
      }
      if (at < text.length() && text.charAt(at) == '?') {
        at++; // not greedy
      }
      return least;
    }
  }
}
