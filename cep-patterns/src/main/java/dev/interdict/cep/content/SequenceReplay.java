package dev.interdict.cep.content;

import dev.interdict.cep.Hits;
import dev.interdict.cep.Sequence;
import dev.interdict.cep.Step;
import dev.interdict.schema.EventView;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a sequence means, followed literally over a handful of events: every event that meets the
 * first step opens a trial, and every trial takes the first event that meets its next step. For
 * tests of rules and as the measure of the streaming operator, not for streams.
 */
public final class SequenceReplay {
  /** Positions in the list of events, in the order of the steps. */
  public record Finding(String key, List<Integer> events) {
    int last() {
      return events.get(events.size() - 1);
    }
  }

  private record Trial(
      String key, int step, int times, List<Integer> events, Map<String, byte[]> named) {
    Trial at(int next, int taken, List<Integer> positions) {
      return new Trial(key, next, taken, positions, named);
    }
  }

  private final Sequence sequence;
  private final List<Step> steps;
  private final List<Trial> trials = new ArrayList<>();
  private final List<Finding> findings = new ArrayList<>();
  private final List<Long> times = new ArrayList<>();
  private byte[] current;

  private SequenceReplay(Sequence sequence) {
    this.sequence = sequence;
    steps = sequence.steps();
  }

  /** An observed event, in the order of time; {@code bytes} is a serialized Event. */
  public record Observed(byte[] bytes, int[] sortedHits) {
    public static Observed of(byte[] bytes, Hits hits) {
      return new Observed(bytes, hits.toArray());
    }
  }

  /** After the last event no more come, ever: steps that were to stay absent did. */
  public static List<Finding> findings(Sequence sequence, List<Observed> events) {
    SequenceReplay replay = new SequenceReplay(sequence);
    EventView view = new EventView();
    for (Observed event : events) {
      replay.current = event.bytes();
      replay.accept(view.wrap(event.bytes(), 0, event.bytes().length), event.sortedHits());
    }
    replay.end();
    List<Finding> all = new ArrayList<>();
    for (Finding finding : replay.findings) {
      boolean known =
          all.stream()
              .anyMatch(
                  other -> other.key().equals(finding.key()) && other.last() == finding.last());
      if (!known) {
        all.add(finding);
      }
    }
    return all;
  }

  private void accept(EventView event, int[] hits) {
    int position = times.size();
    times.add(event.time());
    List<Trial> before = List.copyOf(trials);
    trials.clear();
    for (Trial trial : before) {
      follow(trial, event, hits, position);
    }
    Step first = steps.get(0);
    if (admits(first, event, hits)) {
      for (String key : keys(first, event)) {
        Trial trial = new Trial(key, 0, 0, List.of(), Map.of());
        if (compares(first, trial)) {
          take(trial, event, hits, position);
        }
      }
    }
  }

  private void follow(Trial trial, EventView event, int[] hits, int position) {
    Step step = steps.get(trial.step);
    long previous = times.get(trial.events.get(trial.events.size() - 1));
    boolean inGap = step.within() == null || event.time() - previous <= step.within().toNanos();
    boolean inAll = event.time() - times.get(trial.events.get(0)) <= sequence.within().toNanos();
    if (step.absent()) {
      boolean last = trial.step == steps.size() - 1;
      if (last && !inGap) {
        findings.add(new Finding(trial.key, trial.events));
      } else if (inAll && !(inGap && meets(step, trial, event, hits))) {
        Trial next = trial.at(trial.step + 1, 0, trial.events);
        if (!last && meets(steps.get(next.step), trial, event, hits)) {
          follow(next, event, hits, position);
        } else {
          trials.add(trial);
        }
      }
    } else if (inAll && inGap) {
      if (meets(step, trial, event, hits)) {
        take(trial, event, hits, position);
      } else {
        trials.add(trial);
      }
    }
  }

  private void take(Trial trial, EventView event, int[] hits, int position) {
    List<Integer> events = new ArrayList<>(trial.events);
    events.add(position);
    boolean more = trial.times + 1 < steps.get(trial.step).times();
    int step = more ? trial.step : trial.step + 1;
    Trial taken = named(trial, steps.get(trial.step));
    while (step < steps.size()
        && steps.get(step).sameEvent()
        && meets(steps.get(step), taken, event, hits)) {
      taken = named(taken, steps.get(step));
      step++;
    }
    if (step == steps.size()) {
      findings.add(new Finding(trial.key, List.copyOf(events)));
    } else {
      trials.add(taken.at(step, more ? trial.times + 1 : 0, List.copyOf(events)));
    }
  }

  private Trial named(Trial trial, Step step) {
    Map<String, byte[]> named = new HashMap<>(trial.named);
    named.put(step.alias(), current);
    return new Trial(trial.key, trial.step, trial.times, trial.events, named);
  }

  private boolean meets(Step step, Trial trial, EventView event, int[] hits) {
    return admits(step, event, hits)
        && keys(step, event).contains(trial.key)
        && compares(step, trial);
  }

  private boolean compares(Step step, Trial trial) {
    return step.where() == null
        || step.where().holds(name -> name.equals(step.alias()) ? current : trial.named.get(name));
  }

  private static boolean admits(Step step, EventView event, int[] hits) {
    return step.matches(hits) && step.when().matches(event);
  }

  private static Set<String> keys(Step step, EventView event) {
    Set<String> keys = new HashSet<>();
    step.key().evaluate(event, keys::add);
    return keys;
  }

  private void end() {
    for (Trial trial : trials) {
      if (steps.get(trial.step).absent() && trial.step == steps.size() - 1) {
        findings.add(new Finding(trial.key, trial.events));
      }
    }
  }
}
