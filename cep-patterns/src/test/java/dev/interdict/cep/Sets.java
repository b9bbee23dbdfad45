package dev.interdict.cep;

import dev.interdict.schema.Event;
import dev.interdict.schema.EventView;
import java.util.List;

/** Small rule sets and events for tests. */
final class Sets {
  private Sets() {}

  static RuleSet of(String yaml) {
    return RuleSet.of(List.of(new RuleFile("test.yml", yaml)));
  }

  /** A rule over events of kind exec, from the lines of its detection without the condition. */
  static RuleSet exec(String selection) {
    return of(
        "title: t\nlogsource:\n  product: interdict\n  service: exec\ndetection:\n  s:\n"
            + selection.indent(4)
            + "  condition: s\n");
  }

  static EventView view(Event event) {
    byte[] bytes = event.toByteArray();
    return new EventView().wrap(bytes, 0, bytes.length);
  }

  static int[] hits(RuleSet set, Event event) {
    Hits hits = new Hits();
    set.newMatcher().match(view(event), hits);
    return hits.toArray();
  }
}
