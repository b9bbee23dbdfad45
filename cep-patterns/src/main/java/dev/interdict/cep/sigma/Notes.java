package dev.interdict.cep.sigma;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** What a rule asks for that records do not carry. */
final class Notes {
  private final Set<String> absences = new TreeSet<>();
  private final Set<String> differences = new TreeSet<>();

  void absent(String field, String why) {
    absences.add("field " + field + ": " + why);
  }

  /** A constant of the record type that the rule does not accept. */
  void differs(String field, String value) {
    differences.add("records with " + field + "=" + value + " are not meant");
  }

  List<String> absences() {
    return List.copyOf(absences);
  }

  List<String> lines() {
    List<String> lines = new ArrayList<>(absences);
    lines.addAll(differences);
    return lines;
  }
}
