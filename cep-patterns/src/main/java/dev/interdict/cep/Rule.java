package dev.interdict.cep;

import dev.interdict.schema.Level;
import java.io.Serializable;
import java.util.List;

/**
 * What a rule says about itself. How it decides is compiled into the {@link Matcher}.
 *
 * @param index position in {@link RuleSet#rules()}, the number that {@link Hits} reports
 * @param name how correlations and sequences may refer to it besides the id; empty if it has none
 * @param techniques ATT&amp;CK ids such as {@code T1059.004}
 * @param kinds bitmap of the event kinds it can fire on
 * @param alerts false for a building block: informational, or used by a correlation or sequence
 *     that does not ask for its parts to be generated
 * @param notes what the rule loses here, such as a field that no event carries
 */
public record Rule(
    int index,
    String id,
    String name,
    String title,
    String description,
    String author,
    Level level,
    List<String> techniques,
    String logsource,
    long kinds,
    boolean alerts,
    Location location,
    List<String> notes)
    implements Serializable {

  public Rule {
    techniques = List.copyOf(techniques);
    notes = List.copyOf(notes);
  }
}
