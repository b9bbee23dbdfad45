package dev.interdict.cep.content;

import dev.interdict.cep.Count;
import dev.interdict.cep.Described;
import dev.interdict.cep.Hits;
import dev.interdict.cep.Location;
import dev.interdict.cep.Matcher;
import dev.interdict.cep.Problem;
import dev.interdict.cep.Rule;
import dev.interdict.cep.RuleFile;
import dev.interdict.cep.RuleSet;
import dev.interdict.cep.Sequence;
import dev.interdict.cep.sigma.Durations;
import dev.interdict.cep.sigma.RuleSyntaxException;
import dev.interdict.cep.sigma.Yaml;
import dev.interdict.schema.Event;
import dev.interdict.schema.EventView;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * One expectation that a rule file states about itself: these events must match, or must not.
 *
 * @param subject the rule, correlation or sequence
 * @param name empty where the author gave none
 */
public record ContentTest(
    Described subject, String name, Location location, boolean expected, List<Event> events) {
  private static final long START = 1_800_000_000_000_000_000L;
  private static final long STEP_NANOS = 100_000_000L;

  public record Result(ContentTest test, boolean passed, String message) {}

  /** The tests of a set that has been compiled, and how many rules and sequences have none. */
  public record Suite(List<ContentTest> tests, List<String> untested) {}

  /**
   * @throws dev.interdict.cep.InvalidRulesException where a test itself is malformed
   */
  public static Suite suite(RuleSet set) {
    Map<Location, Described> subjects = new HashMap<>();
    for (int hit = 0; hit < set.hits(); hit++) {
      subjects.put(set.byHit(hit).location(), set.byHit(hit));
    }
    List<ContentTest> tests = new ArrayList<>();
    List<String> untested = new ArrayList<>();
    List<Problem> problems = new ArrayList<>();
    for (RuleFile file : set.files()) {
      for (Yaml document : Yaml.documents(file.name(), file.text())) {
        Described subject = subjects.get(document.at());
        if (subject == null) {
          continue;
        }
        try {
          List<ContentTest> found = read(document, subject);
          tests.addAll(found);
          if (found.isEmpty()) {
            untested.add(subject.title());
          }
        } catch (RuleSyntaxException e) {
          problems.add(e.problem());
        }
      }
    }
    if (!problems.isEmpty()) {
      throw new dev.interdict.cep.InvalidRulesException(problems);
    }
    return new Suite(tests, untested);
  }

  private static List<ContentTest> read(Yaml document, Described subject) {
    if (!document.has("tests")) {
      return List.of();
    }
    List<ContentTest> tests = new ArrayList<>();
    for (Map.Entry<String, Yaml> entry : document.get("tests").entries().entrySet()) {
      boolean expected = entry.getKey().equals("match");
      if (!expected && !entry.getKey().equals("no_match")) {
        throw document.get("tests").problem("unknown key " + entry.getKey());
      }
      for (Yaml item : entry.getValue().items()) {
        boolean several = item.has("events");
        tests.add(
            new ContentTest(
                subject,
                several ? item.textOf("name") : "",
                item.at(),
                expected,
                several ? events(item.get("events").items()) : events(List.of(item))));
      }
    }
    return tests;
  }

  private static List<Event> events(List<Yaml> yamls) {
    List<Event> events = new ArrayList<>();
    long time = START;
    for (Yaml yaml : yamls) {
      time += STEP_NANOS;
      if (yaml.has("at")) {
        long stated = START + Durations.parse(yaml.get("at")).toNanos();
        if (stated < time - STEP_NANOS) {
          throw yaml.problem("events must be in the order of time");
        }
        time = stated;
      }
      events.add(EventText.event(yaml, time));
    }
    return events;
  }

  /**
   * @param matcher of the set
   */
  public Result run(RuleSet set, Matcher matcher) {
    EventView view = new EventView();
    Hits hits = new Hits();
    List<SequenceReplay.Observed> observed = new ArrayList<>();
    boolean matched = false;
    for (Event event : events) {
      byte[] bytes = event.toByteArray();
      matcher.match(view.wrap(bytes, 0, bytes.length), hits);
      matched |= subject instanceof Rule rule && hits.contains(rule.index());
      observed.add(SequenceReplay.Observed.of(bytes, hits));
    }
    if (!(subject instanceof Rule)) {
      matched = correlates(set, observed);
    }
    return new Result(this, matched == expected, matched == expected ? "" : explain(observed));
  }

  /** Follows every correlation up to the subject: it may refer to them. */
  private boolean correlates(RuleSet set, List<SequenceReplay.Observed> observed) {
    int hit = set.rules().size();
    for (Described correlation : set.correlations()) {
      List<SequenceReplay.Finding> findings =
          correlation instanceof Count count
              ? CountReplay.findings(count, observed)
              : SequenceReplay.findings((Sequence) correlation, observed);
      if (correlation.equals(subject)) {
        return !findings.isEmpty();
      }
      for (SequenceReplay.Finding finding : findings) {
        observed.set(finding.last(), CountReplay.with(observed.get(finding.last()), hit));
      }
      hit++;
    }
    throw new IllegalStateException(subject.title() + " is of another set");
  }

  private String explain(List<SequenceReplay.Observed> observed) {
    String verdict = expected ? "does not match" : "matches, but must not";
    if (!(subject instanceof Sequence sequence)) {
      return verdict;
    }
    String hits =
        observed.stream()
            .map(
                event ->
                    sequence.steps().stream()
                        .filter(step -> step.matches(event.sortedHits()))
                        .map(step -> '"' + step.name() + '"')
                        .collect(Collectors.joining("+")))
            .map(names -> names.isEmpty() ? "nothing" : names)
            .collect(Collectors.joining(", "));
    return verdict + "; its events meet: " + hits;
  }
}
