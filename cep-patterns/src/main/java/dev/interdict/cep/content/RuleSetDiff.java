package dev.interdict.cep.content;

import dev.interdict.cep.Described;
import dev.interdict.cep.Refusal;
import dev.interdict.cep.RuleSet;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What changes for a node when one rule set replaces another: rules, correlations and sequences
 * that can fire, by what they mean and not by how they are written.
 *
 * @param renamed those with another title or id
 * @param changed those that mean something else
 */
public record RuleSetDiff(
    List<Entry> added, List<Entry> removed, List<Renaming> renamed, List<Change> changed) {

  /**
   * @param note why it is no longer, or was not, able to fire; or empty
   */
  public record Entry(String id, String title, String note) {}

  public record Renaming(String oldId, String oldTitle, String id, String title) {}

  /** Lines of the {@link Explanation} that are gone and that are new. */
  public record Change(String id, String title, List<String> gone, List<String> fresh) {}

  private record Meaning(Described subject, List<String> lines) {}

  public static RuleSetDiff between(RuleSet before, RuleSet after) {
    Map<String, Meaning> old = meanings(before);
    Map<String, Meaning> now = meanings(after);
    List<Renaming> renamed = new ArrayList<>();
    List<Change> changed = new ArrayList<>();
    for (Map.Entry<String, Meaning> entry : now.entrySet()) {
      Meaning was = old.get(entry.getKey());
      Meaning is = entry.getValue();
      if (was == null) {
        continue;
      }
      if (!was.subject.title().equals(is.subject.title())) {
        renamed.add(renaming(was, is));
      }
      if (!was.lines.equals(is.lines)) {
        changed.add(
            new Change(
                is.subject.id(),
                is.subject.title(),
                without(was.lines, is.lines),
                without(is.lines, was.lines)));
      }
    }
    Map<String, Meaning> gone = new LinkedHashMap<>(old);
    gone.keySet().removeAll(now.keySet());
    Map<String, Meaning> fresh = new LinkedHashMap<>(now);
    fresh.keySet().removeAll(old.keySet());
    for (Meaning is : List.copyOf(fresh.values())) {
      for (Meaning was : List.copyOf(gone.values())) {
        if (was.lines.equals(is.lines)) {
          renamed.add(renaming(was, is));
          gone.remove(was.subject.id());
          fresh.remove(is.subject.id());
          break;
        }
      }
    }
    return new RuleSetDiff(entries(fresh, before), entries(gone, after), renamed, changed);
  }

  private static Renaming renaming(Meaning was, Meaning is) {
    return new Renaming(was.subject.id(), was.subject.title(), is.subject.id(), is.subject.title());
  }

  private static Map<String, Meaning> meanings(RuleSet set) {
    Map<String, Meaning> meanings = new LinkedHashMap<>();
    for (int hit = 0; hit < set.hits(); hit++) {
      Described subject = set.byHit(hit);
      meanings.put(subject.id(), new Meaning(subject, Explanation.of(set, subject)));
    }
    return meanings;
  }

  private static List<Entry> entries(Map<String, Meaning> meanings, RuleSet other) {
    List<Entry> entries = new ArrayList<>();
    for (Meaning meaning : meanings.values()) {
      String note =
          other.refusals().stream()
              .filter(refusal -> refusal.id().equals(meaning.subject.id()))
              .map(Refusal::reason)
              .findFirst()
              .orElse("");
      entries.add(new Entry(meaning.subject.id(), meaning.subject.title(), note));
    }
    return entries;
  }

  private static List<String> without(List<String> lines, List<String> others) {
    List<String> left = new ArrayList<>(others);
    return lines.stream().filter(line -> !left.remove(line)).toList();
  }

  public boolean isEmpty() {
    return added.isEmpty() && removed.isEmpty() && renamed.isEmpty() && changed.isEmpty();
  }
}
