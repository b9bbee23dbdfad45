package dev.interdict.jobs.sequence;

import dev.interdict.cep.Sequence;
import dev.interdict.cep.Step;
import dev.interdict.jobs.source.NodeEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.cep.nfa.ComputationState;
import org.apache.flink.cep.nfa.NFA;
import org.apache.flink.cep.nfa.NFAState;
import org.apache.flink.cep.nfa.aftermatch.AfterMatchSkipStrategy;
import org.apache.flink.cep.nfa.compiler.NFACompiler;
import org.apache.flink.cep.pattern.Pattern;
import org.apache.flink.cep.pattern.WithinType;

/**
 * One sequence as an NFA. Only relaxed contiguity is compiled: an event that hits no step may
 * therefore be kept from the NFA without changing its result.
 *
 * <p>A step that takes n events becomes n stages, because flink-cep applies the limit of a gap to
 * all but one of the events of {@code times(n)}.
 */
final class Program {
  private static final AfterMatchSkipStrategy SKIP = AfterMatchSkipStrategy.skipPastLastEvent();

  private final String id;
  private final Sequence sequence;
  private final List<Step> steps;
  private final List<Integer> stageSteps = new ArrayList<>();
  private final StepMask mask = new StepMask();
  private final NFA<NodeEvent> nfa;
  private final long window;
  private final long trailingGap;

  /**
   * @param id names sequence and version: state is found by it
   */
  Program(String id, Sequence sequence) {
    steps = sequence.steps();
    if (steps.size() > StepMask.MAX_STEPS) {
      throw new IllegalArgumentException(
          "invalid steps="
              + steps.size()
              + " limit="
              + StepMask.MAX_STEPS
              + " in "
              + sequence.id());
    }
    this.id = id;
    this.sequence = sequence;
    Step last = steps.get(steps.size() - 1);
    Duration gap = last.within() == null ? sequence.within() : last.within();
    this.trailingGap = last.absent() ? gap.toMillis() : 0;
    this.window = sequence.within().toMillis() + trailingGap;
    this.nfa = NFACompiler.<NodeEvent>compileFactory(pattern(), false).createNFA();
  }

  private Pattern<NodeEvent, ?> pattern() {
    Pattern<NodeEvent, NodeEvent> pattern = null;
    Map<String, String> stages = new HashMap<>();
    for (int i = 0; i < steps.size(); i++) {
      Step step = steps.get(i);
      for (int n = 0; n < (step.absent() ? 1 : step.times()); n++) {
        String stage = Integer.toString(stageSteps.size());
        stageSteps.add(i);
        if (pattern == null) {
          pattern = Pattern.begin(stage, SKIP);
        } else {
          pattern = step.absent() ? pattern.notFollowedBy(stage) : pattern.followedBy(stage);
        }
        pattern = pattern.where(mask.step(i, step.alias(), step.where(), stages));
        if (i == steps.size() - 1 && step.absent()) {
          pattern = pattern.within(Duration.ofMillis(trailingGap), WithinType.PREVIOUS_AND_CURRENT);
        } else if (step.within() != null && stageSteps.size() > 1 && !step.absent()) {
          long gap = Math.min(step.within().toMillis(), window);
          pattern = pattern.within(Duration.ofMillis(gap), WithinType.PREVIOUS_AND_CURRENT);
        }
        if (!step.absent()) {
          stages.put(step.alias(), stage);
        }
      }
    }
    return pattern.within(Duration.ofMillis(window));
  }

  String id() {
    return id;
  }

  Sequence sequence() {
    return sequence;
  }

  List<Step> steps() {
    return steps;
  }

  NFA<NodeEvent> nfa() {
    return nfa;
  }

  StepMask mask() {
    return mask;
  }

  AfterMatchSkipStrategy skip() {
    return SKIP;
  }

  /** Milliseconds after the first event at which nothing of a partial match can be left. */
  long window() {
    return window;
  }

  /**
   * Milliseconds to wait after an event for the last step to stay absent; 0 if it is not absent.
   */
  long trailingGap() {
    return trailingGap;
  }

  /**
   * Steps that the event meets a second time: each follows one that it was just fed for, and says
   * that the same event will do.
   */
  long sameEventSteps(long fed, long satisfied) {
    long again = 0;
    for (long rest = fed << 1 & satisfied; rest != 0; rest &= rest - 1) {
      int step = Long.numberOfTrailingZeros(rest);
      if (steps.get(step).sameEvent()) {
        again |= 1L << step;
      }
    }
    return again;
  }

  boolean idle(NFAState state) {
    if (!state.getCompletedMatches().isEmpty()) {
      return false;
    }
    for (ComputationState partial : state.getPartialMatches()) {
      if (partial.getStartEventID() != null) {
        return false;
      }
    }
    return true;
  }

  /** The stage that a partial match waits for. */
  int stage(ComputationState partial) {
    String name = partial.getCurrentStateName();
    int end = name.indexOf(':');
    return name.startsWith("$")
        ? stageSteps.size()
        : Integer.parseInt(end < 0 ? name : name.substring(0, end));
  }

  /** The highest stage that any partial match waits for; 0 if none has begun. */
  int furthest(NFAState state) {
    int furthest = 0;
    for (ComputationState partial : state.getPartialMatches()) {
      furthest = Math.max(furthest, stage(partial));
    }
    return furthest;
  }

  int stages() {
    return stageSteps.size();
  }

  Step stepOfStage(int stage) {
    return steps.get(stageSteps.get(stage));
  }

  SequenceProgress progress(String key, int stage, NodeEvent event) {
    return new SequenceProgress(
        sequence.id(),
        sequence.title(),
        key,
        stageSteps.get(stage),
        steps.size(),
        stepOfStage(stage).name(),
        event.position(),
        event.time());
  }

  /** Evidence in the order of the stages; null if the events lie too far apart. */
  Match match(String key, Map<String, List<NodeEvent>> found) {
    List<Step> taken = new ArrayList<>();
    List<NodeEvent> events = new ArrayList<>();
    for (int stage = 0; stage < stageSteps.size(); stage++) {
      for (NodeEvent event : found.getOrDefault(Integer.toString(stage), List.of())) {
        taken.add(stepOfStage(stage));
        events.add(event);
      }
    }
    NodeEvent last = events.get(events.size() - 1);
    // The window of the NFA is wider by the gap in which a trailing step must stay absent.
    boolean inTime =
        trailingGap == 0
            || last.timeMillis() - events.get(0).timeMillis() < sequence.within().toMillis();
    return inTime ? new Match(sequence, key, taken, events) : null;
  }

  /** A finding: what happened at each step, for one key. */
  record Match(Sequence sequence, String key, List<Step> steps, List<NodeEvent> events) {}
}
