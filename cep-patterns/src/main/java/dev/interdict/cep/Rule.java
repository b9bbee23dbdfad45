package dev.interdict.cep;

import java.util.List;

/**
 * A Sigma rule without its detection, which is compiled into the {@link Matcher}.
 *
 * @param index position in {@link RuleSet#rules()}, the number that {@link Hits} reports
 * @param kinds bitmap of the event kinds it can fire on
 * @param alerts false for a building block: informational, or used by a correlation or sequence
 *     that does not ask for its parts to be generated
 * @param fields for a person: where the fields of its logsource stand, {@code Image is process.exe}
 * @param notes what the rule loses here, such as a field that no event carries
 */
public record Rule(
    int index,
    About about,
    String logsource,
    long kinds,
    boolean alerts,
    List<String> notes,
    List<String> fields)
    implements Described {

  public Rule {
    notes = List.copyOf(notes);
    fields = List.copyOf(fields);
  }
}
