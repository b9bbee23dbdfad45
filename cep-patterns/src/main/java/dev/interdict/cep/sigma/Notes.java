package dev.interdict.cep.sigma;

import java.util.Set;
import java.util.TreeSet;

/** What a rule asks for that the records of one type do not carry. */
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

  Set<String> absences() {
    return absences;
  }

  /** Why no record of the type can match: where it is not meant, what it lacks does not matter. */
  Set<String> reasons() {
    return differences.isEmpty() ? absences : differences;
  }
}
