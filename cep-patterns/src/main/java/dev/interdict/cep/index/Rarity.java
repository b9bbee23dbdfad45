package dev.interdict.cep.index;

import java.util.Collection;
import java.util.List;

/** Guesses how often a literal is found in the command lines, paths and names of a host. */
final class Rarity {
  /** In so many texts that they tell as much as one character does. */
  private static final List<String> COMMON =
      List.of("/usr/local/", "/usr/", "/bin/", "/sbin/", "/lib/", "/etc/", "/var/", "/home/");

  private static final String ORDINARY = " /.-_=:,";
  private static final int PLACES = 30;

  private Rarity() {}

  /** Guessed share of texts that have one of the literals anywhere. */
  static double contained(Collection<String> literals) {
    double share = 0;
    for (String literal : literals) {
      share += Math.min(1, PLACES * Math.pow(0.12, weight(literal)));
    }
    return share;
  }

  /** Guessed share of texts that begin or end with the literal. */
  static double anchored(String literal) {
    return Math.pow(0.6, weight(literal));
  }

  /** In characters: what is seldom written counts twice. */
  private static int weight(String literal) {
    String rest = literal;
    for (String common : COMMON) {
      rest = rest.replace(common, "/");
    }
    int weight = 0;
    for (int i = 0; i < rest.length(); i++) {
      char c = rest.charAt(i);
      weight += Character.isLetterOrDigit(c) || ORDINARY.indexOf(c) >= 0 ? 1 : 2;
    }
    return weight;
  }
}
