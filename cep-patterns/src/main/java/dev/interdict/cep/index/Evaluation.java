package dev.interdict.cep.index;

import dev.interdict.cep.Hits;
import dev.interdict.schema.EventView;
import java.util.Arrays;

/**
 * What is known about one event while the rules of its kind are decided. Holds one mark per
 * predicate; a mark counts only if it carries the number of the present event, so that nothing has
 * to be cleared.
 */
final class Evaluation {
  private static final int POSSIBLE = 1; // the guard was found, the test is still to be made
  private static final int TRUE = 2;
  private static final int FALSE = 3;

  private final KindIndex index;
  private final long[] marks;
  private final long[] scanned;
  private final long[] asked;
  private int[] candidates = new int[64];
  private int candidateCount;
  private long base; // event number * 4
  private EventView event;

  Evaluation(KindIndex index) {
    this.index = index;
    marks = new long[index.predicateCount()];
    scanned = new long[index.lateScans.length];
    asked = new long[index.ruleCount()];
  }

  void run(EventView view, Hits out) {
    event = view;
    base += 4;
    candidateCount = 0;
    for (SlotScan scan : index.earlyScans) {
      scan.run(view, this);
    }
    for (NumberScan scan : index.numberScans) {
      scan.run(view, this);
    }
    for (int predicate : index.alwaysTested) {
      if (holds(predicate)) {
        ask(predicate);
      }
    }
    for (int rule : index.alwaysAsked) {
      decide(rule, out);
    }
    for (int i = 0; i < candidateCount; i++) {
      decide(candidates[i], out);
    }
  }

  private void decide(int rule, Hits out) {
    if (index.conditions[rule].holds(this)) {
      out.add(index.ruleIds[rule]);
    }
  }

  /** A scan has found the predicate's literal. */
  void touch(int predicate) {
    if (marks[predicate] < base) {
      marks[predicate] = base | (index.exact[predicate] ? TRUE : POSSIBLE);
      ask(predicate);
    }
  }

  /** The rules that this predicate is needed for become candidates. */
  private void ask(int predicate) {
    for (int rule : index.rulesOf[predicate]) {
      if (asked[rule] != base) {
        asked[rule] = base;
        if (candidateCount == candidates.length) {
          candidates = Arrays.copyOf(candidates, candidateCount * 2);
        }
        candidates[candidateCount++] = rule;
      }
    }
  }

  boolean holds(int predicate) {
    long mark = marks[predicate];
    if (mark < base) {
      int where = index.where[predicate];
      if (where == KindIndex.EARLY) {
        return false;
      }
      if (where >= 0) {
        if (scanned[where] != base) {
          scanned[where] = base;
          index.lateScans[where].run(event, this);
        }
        mark = marks[predicate];
        if (mark < base) {
          return false;
        }
      } else {
        mark = base | POSSIBLE;
      }
    }
    int state = (int) (mark - base);
    if (state == POSSIBLE) {
      state = index.predicates[predicate].matches(event) ? TRUE : FALSE;
      marks[predicate] = base | state;
    }
    return state == TRUE;
  }
}
