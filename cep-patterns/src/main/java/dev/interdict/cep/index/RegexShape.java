package dev.interdict.cep.index;

import java.util.Set;
import java.util.TreeSet;

/**
 * What any text must have to match a regular expression: a length and one of some runs of plain
 * characters. Cautious: where the expression is not understood it demands nothing.
 *
 * @param length characters at least
 * @param literals one of them must occur, ignoring case; empty if nothing must
 */
record RegexShape(int length, Set<String> literals) {
  private static final RegexShape NOTHING = new RegexShape(0, Set.of());
  private static final int MAX_LENGTH = 1 << 20;

  static RegexShape of(String expression, boolean ignoresCase) {
    boolean flags = expression.matches("(?s).*\\(\\?[a-zA-Z-]*i.*");
    if (expression.contains("\\Q")) {
      return NOTHING;
    }
    Parser parser = new Parser(expression, ignoresCase || flags);
    Part whole = parser.alternation();
    return parser.at == expression.length()
        ? new RegexShape(whole.length, whole.demand())
        : NOTHING;
  }

  /**
   * What is known of a part of the expression.
   *
   * @param exact all texts that it matches; null if they are not known, or too many
   * @param needed one of them is in whatever it matches; empty if nothing is known
   */
  private record Part(int length, Set<String> exact, Set<String> needed) {
    private static final int MAX_TEXTS = 64;
    private static final int MAX_TEXT = 64;

    static final Part NOWHERE = new Part(0, Set.of(""), Set.of()); // takes no character
    static final Part SOME_CHARACTER = new Part(1, null, Set.of());
    static final Part UNKNOWN = new Part(0, null, Set.of());

    static Part literal(char c) {
      return new Part(1, Set.of(String.valueOf(c)), Set.of());
    }

    Set<String> demand() {
      return exact == null ? needed : shortest(exact);
    }

    /** Without those that contain another one; none if nothing is demanded. */
    static Set<String> shortest(Set<String> texts) {
      if (texts.contains("")) {
        return Set.of();
      }
      Set<String> kept = new TreeSet<>(texts);
      kept.removeIf(text -> texts.stream().anyMatch(o -> !o.equals(text) && text.contains(o)));
      return kept;
    }

    Part orElse(Part other) {
      int least = Math.min(length, other.length);
      if (exact != null && other.exact != null) {
        Set<String> texts = new TreeSet<>(exact);
        texts.addAll(other.exact);
        if (texts.size() <= MAX_TEXTS) {
          return new Part(least, texts, Set.of());
        }
      }
      return new Part(least, null, either(demand(), other.demand()));
    }

    private static Set<String> either(Set<String> one, Set<String> other) {
      Set<String> texts = new TreeSet<>(one);
      texts.addAll(other);
      boolean known = !one.isEmpty() && !other.isEmpty() && texts.size() <= MAX_TEXTS;
      return known ? texts : Set.of();
    }

    /** What each of the one with each of the other makes; null if that is too much. */
    static Set<String> product(Set<String> one, Set<String> other) {
      if ((long) one.size() * other.size() > MAX_TEXTS) {
        return null;
      }
      Set<String> texts = new TreeSet<>();
      for (String start : one) {
        for (String end : other) {
          if (start.length() + end.length() > MAX_TEXT) {
            return null;
          }
          texts.add(start + end);
        }
      }
      return texts;
    }

    /** Whichever is found by chance less often. */
    static Set<String> rarer(Set<String> one, Set<String> other) {
      return odds(one) <= odds(other) ? one : other;
    }

    private static double odds(Set<String> texts) {
      return texts.isEmpty() || texts.contains("") ? Double.MAX_VALUE : Rarity.contained(texts);
    }
  }

  private static final class Parser {
    private final String text;
    private final boolean ignoresCase;
    private int at;

    Parser(String text, boolean ignoresCase) {
      this.text = text;
      this.ignoresCase = ignoresCase;
    }

    Part alternation() {
      Part part = concatenation();
      while (at < text.length() && text.charAt(at) == '|') {
        at++;
        part = part.orElse(concatenation());
      }
      return part;
    }

    private Part concatenation() {
      int length = 0;
      Set<String> run = Set.of(""); // the texts that end here, of all or of what is known
      Set<String> best = Set.of();
      boolean whole = true;
      while (at < text.length() && text.charAt(at) != '|' && text.charAt(at) != ')') {
        Part atom = atom();
        int least = quantifier();
        length =
            Math.min(MAX_LENGTH, length + (int) Math.min(MAX_LENGTH, (long) atom.length * least));
        if (least == 0) {
          atom = optional && atom.exact != null ? atom.orElse(Part.NOWHERE) : Part.UNKNOWN;
        }
        Set<String> longer = atom.exact == null ? null : Part.product(run, atom.exact);
        boolean goesOn = longer != null && (!quantified || least == 0);
        if (goesOn) {
          run = longer;
          continue;
        }
        whole = false;
        best = Part.rarer(best, Part.shortest(longer == null ? run : longer));
        best = Part.rarer(best, atom.demand());
        // Of what stands several times, the last stands before what follows.
        run = atom.exact == null ? Set.of("") : atom.exact;
      }
      return whole
          ? new Part(length, run, Set.of())
          : new Part(length, null, Part.rarer(best, Part.shortest(run)));
    }

    /** What one unit demands if it stands once. */
    private Part atom() {
      char c = text.charAt(at++);
      switch (c) {
        case '(':
          return group();
        case '[':
          at = endOfClass();
          return Part.SOME_CHARACTER;
        case '^', '$':
          return Part.NOWHERE;
        case '.':
          return Part.SOME_CHARACTER;
        case '\\':
          return escape();
        default:
          return literal(c);
      }
    }

    private Part literal(char c) {
      if (Character.isSurrogate(c)) {
        return Part.UNKNOWN;
      }
      // Ignoring case, k and s also stand for the Kelvin sign and the long s.
      boolean ambiguous = c >= 0x80 || (ignoresCase && "kKsS".indexOf(c) >= 0);
      return ambiguous ? Part.SOME_CHARACTER : Part.literal(c);
    }

    private Part escape() {
      char c = at < text.length() ? text.charAt(at++) : 0;
      if (!Character.isLetterOrDigit(c)) {
        return literal(c);
      }
      if ("bBAzZ".indexOf(c) >= 0) {
        return Part.NOWHERE;
      }
      if ("pPx".indexOf(c) >= 0 && at < text.length()) {
        int close = text.charAt(at) == '{' ? text.indexOf('}', at) : -1;
        at = close >= 0 ? close + 1 : Math.min(text.length(), at + (c == 'x' ? 2 : 1));
        return Part.SOME_CHARACTER;
      }
      return "dDsSwWtnrfav".indexOf(c) >= 0 ? Part.SOME_CHARACTER : Part.UNKNOWN;
    }

    private Part group() {
      if (text.startsWith("?", at)) {
        int end = at;
        while (end < text.length() && ":)>".indexOf(text.charAt(end)) < 0) {
          end++;
        }
        at = Math.min(text.length(), end + 1);
        if (end < text.length() && text.charAt(end) == ')') {
          return Part.NOWHERE; // flags alone
        }
      }
      Part inner = alternation();
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
    private boolean optional;

    /** How often the unit before must occur at least. */
    private int quantifier() {
      quantified = true;
      optional = text.startsWith("?", at);
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
