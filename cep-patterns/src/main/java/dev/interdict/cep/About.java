package dev.interdict.cep;

import dev.interdict.schema.EventView;
import dev.interdict.schema.Level;
import java.util.List;

/**
 * What a file says about a rule, a correlation or a sequence.
 *
 * @param name how others may refer to it besides the id; empty if it has none
 * @param tags as written, lower case
 * @param techniques ATT&amp;CK ids among the tags, such as {@code T1059.004}
 * @param severities of which the first that holds replaces the level
 * @param response what the author recommends, by a name that policies may match; or empty
 * @param evidence what alerts show of an event that hits the rule
 */
public record About(
    String id,
    String name,
    String title,
    String description,
    String author,
    Level level,
    List<String> tags,
    List<String> techniques,
    List<Severity> severities,
    String response,
    List<ShownField> evidence,
    Location location) {

  public About {
    tags = List.copyOf(tags);
    techniques = List.copyOf(techniques);
    severities = List.copyOf(severities);
    evidence = List.copyOf(evidence);
  }

  public About withEvidence(List<ShownField> shown) {
    return new About(
        id,
        name,
        title,
        description,
        author,
        level,
        tags,
        techniques,
        severities,
        response,
        shown,
        location);
  }

  /**
   * What decides the level of a finding, null if its own does.
   *
   * @param events serialized Events
   */
  public Severity severity(Iterable<byte[]> events) {
    EventView view = severities.isEmpty() ? null : new EventView();
    for (Severity severity : severities) {
      for (byte[] event : events) {
        if (severity.when().matches(view.wrap(event, 0, event.length))) {
          return severity;
        }
      }
    }
    return null;
  }
}
