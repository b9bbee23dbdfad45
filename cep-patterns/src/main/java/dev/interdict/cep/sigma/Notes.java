package dev.interdict.cep.sigma;

import java.util.Set;
import java.util.TreeSet;

/** What a rule asks for that the records of one type do not carry. */
final class Notes {
  private final Set<String> absences = new TreeSet<>();
  private final Set<String> uses = new TreeSet<>();
  private final Set<String> differences = new TreeSet<>();

  void absent(String field, String why) {
    absences.add("field " + field + ": " + why);
  }

  /** A constant of the record type that the rule does not accept. */
  void differs(String field, String value) {
    differences.add("records with " + field + "=" + value + " are not meant");
  }

  /** Where a field of the rule stands. */
  void uses(String field, Source source) {
    if (source instanceof Source.InEvent in && !in.slot().toString().equals(field)) {
      uses.add(field + " is " + in.slot());
    } else if (source instanceof Source.Constant constant) {
      uses.add(field + " is always '" + constant.value() + "'");
    } else if (source instanceof Source.Choice choice) {
      uses.add(
          "%s is '%s' if %s, else '%s'".formatted(field, choice.yes(), choice.flag(), choice.no()));
    }
  }

  Set<String> uses() {
    return uses;
  }

  Set<String> absences() {
    return absences;
  }

  /** Why no record of the type can match: where it is not meant, what it lacks does not matter. */
  Set<String> reasons() {
    return differences.isEmpty() ? absences : differences;
  }
}
