package dev.interdict.cep.sigma;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads a condition; from loosest to tightest: or, and, not, x of, parentheses. */
final class ConditionParser {
  sealed interface Node {}

  record Name(String name) implements Node {}

  record Not(Node operand) implements Node {}

  record And(List<Node> operands) implements Node {}

  record Or(List<Node> operands) implements Node {}

  private static final Pattern TOKEN = Pattern.compile("\\s*([()|]|[^\\s()|]+)");
  private static final int MAX_DEPTH = 100;

  private final Yaml yaml;
  private final Set<String> names;
  private final List<String> tokens = new ArrayList<>();
  private int next;
  private int depth;

  ConditionParser(Yaml yaml, Set<String> names) {
    this.yaml = yaml;
    this.names = names;
  }

  Node parse() {
    Matcher matcher = TOKEN.matcher(yaml.text());
    while (matcher.lookingAt()) {
      tokens.add(matcher.group(1));
      matcher.region(matcher.end(), yaml.text().length());
    }
    if (tokens.contains("|")) {
      throw new RefusedException("aggregation inside a condition: write a correlation instead");
    }
    Node node = or();
    if (next < tokens.size()) {
      throw yaml.problem("invalid condition: unexpected " + tokens.get(next));
    }
    return node;
  }

  private Node or() {
    if (++depth > MAX_DEPTH) {
      throw yaml.problem("condition nested deeper than limit=" + MAX_DEPTH);
    }
    List<Node> operands = new ArrayList<>();
    operands.add(and());
    while (takes("or")) {
      operands.add(and());
    }
    depth--;
    return operands.size() == 1 ? operands.get(0) : new Or(operands);
  }

  private Node and() {
    List<Node> operands = new ArrayList<>();
    operands.add(not());
    while (takes("and")) {
      operands.add(not());
    }
    return operands.size() == 1 ? operands.get(0) : new And(operands);
  }

  private Node not() {
    boolean negated = false;
    while (takes("not")) {
      negated = !negated;
    }
    Node operand = primary();
    return negated ? new Not(operand) : operand;
  }

  private Node primary() {
    if (takes("(")) {
      Node inner = or();
      if (!takes(")")) {
        throw yaml.problem("invalid condition: missing )");
      }
      return inner;
    }
    String token = next < tokens.size() ? tokens.get(next++) : "";
    if (next < tokens.size() && tokens.get(next).equalsIgnoreCase("of")) {
      next++;
      return quantified(token);
    }
    if (names.contains(token)) {
      return new Name(token);
    }
    throw yaml.problem(
        token.isEmpty()
            ? "invalid condition: ends too early"
            : "invalid condition: no search is called " + token);
  }

  private Node quantified(String quantifier) {
    boolean all = quantifier.equalsIgnoreCase("all");
    if (!all && !quantifier.equals("1") && !quantifier.equalsIgnoreCase("any")) {
      throw yaml.problem("invalid condition: " + quantifier + " of, expected 1 of or all of");
    }
    String pattern = next < tokens.size() ? tokens.get(next++) : "";
    List<Node> chosen = new ArrayList<>();
    for (String name : names) {
      if (pattern.equals("them") ? !name.startsWith("_") : like(name, pattern)) {
        chosen.add(new Name(name));
      }
    }
    if (chosen.isEmpty()) {
      throw yaml.problem("invalid condition: no search is called " + pattern);
    }
    return all ? new And(chosen) : new Or(chosen);
  }

  private static boolean like(String name, String pattern) {
    String regex = Pattern.quote(pattern).replace("*", "\\E.*\\Q");
    return name.matches(regex);
  }

  private boolean takes(String token) {
    boolean found = next < tokens.size() && tokens.get(next).equalsIgnoreCase(token);
    if (found) {
      next++;
    }
    return found;
  }
}
