package dev.interdict.jobs.sequence;

import dev.interdict.cep.Hits;
import dev.interdict.cep.Step;
import dev.interdict.jobs.sequence.Program.Match;
import dev.interdict.jobs.source.NodeEvent;
import dev.interdict.schema.EventView;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.cep.nfa.ComputationState;
import org.apache.flink.cep.nfa.NFAState;
import org.apache.flink.cep.nfa.sharedbuffer.SharedBufferAccessor;
import org.apache.flink.cep.time.TimerService;

/**
 * Runs the programs of a plan over the state of the current node. Time is the node's clock alone,
 * so that a node which was away is judged as if it had not been.
 *
 * <p>Memory is bounded: where a node or a join key exceeds its limit the oldest partial matches are
 * given up, and counted.
 */
final class Sequences {
  private static final TimerService TIME = System::currentTimeMillis;
  private static final long ALL_TIME = Long.MAX_VALUE;

  private final SequencePlan plan;
  private final KeyedStore store;
  private final Limits limits;
  private final Consumer<Match> found;
  private final SequenceProgress.Listener progress;
  private final Map<String, Long> stepsByKey = new LinkedHashMap<>();
  private final Set<String> reported = new HashSet<>();
  private long shed;

  /**
   * @param partials of one sequence for one join key
   * @param keys join keys of one node that may have partial matches at a time
   */
  record Limits(int partials, long keys) {
    static final Limits DEFAULT = new Limits(16, 200_000);
  }

  /**
   * @param progress null where nobody looks
   */
  Sequences(
      SequencePlan plan,
      KeyedStore store,
      Limits limits,
      Consumer<Match> found,
      SequenceProgress.Listener progress) {
    this.plan = plan;
    this.store = store;
    this.limits = limits;
    this.found = found;
    this.progress = progress;
  }

  /** Partial matches given up because of a limit. */
  long shed() {
    return shed;
  }

  /** The clock has been advanced to the event, and {@link #expire} was called since. */
  void process(NodeEvent event, EventView view, Hits hits, NodeClock clock) throws Exception {
    reported.clear();
    int selected = plan.select(hits);
    for (int i = 0; i < selected; i++) {
      Program program = plan.selected(i);
      long mask = plan.takeMask(i);
      // First-step guard: without a partial match only the first step can change anything.
      if ((mask & 1) == 0 && !clock.partials().waiting()) {
        continue;
      }
      stepsByKey.clear();
      for (long rest = mask; rest != 0; rest &= rest - 1) {
        int step = Long.numberOfTrailingZeros(rest);
        long bit = 1L << step;
        Step wanted = program.steps().get(step);
        if (wanted.when().matches(view)) {
          wanted.key().evaluate(view, key -> stepsByKey.merge(key, bit, (a, b) -> a | b));
        }
      }
      for (Map.Entry<String, Long> steps : stepsByKey.entrySet()) {
        run(program, steps.getKey(), steps.getValue(), event, clock);
      }
    }
  }

  private void run(Program program, String key, long steps, NodeEvent event, NodeClock clock)
      throws Exception {
    store.enter(key);
    NFAState state = store.partials().get(program.id());
    boolean fresh = state == null;
    if (fresh) {
      if ((steps & 1) == 0) {
        return;
      }
      if (clock.partials().load() >= limits.keys && store.partials().isEmpty()) {
        giveUpOldest(clock);
        store.enter(key);
      }
      state = program.nfa().createInitialNFAState();
    }
    long now = clock.now();
    int before = progress == null ? 0 : program.furthest(state);
    boolean matched = false;
    try (SharedBufferAccessor<NodeEvent> buffer = store.buffer().getAccessor()) {
      if (!fresh) {
        report(program, key, program.nfa().advanceTime(buffer, state, now, program.skip()).f0);
      }
      if ((steps & 1) != 0 && state.getPartialMatches().size() > limits.partials) {
        giveUpOldest(program, state, buffer);
      }
      for (long feed = steps; feed != 0; feed = program.sameEventSteps(feed, steps)) {
        program.mask().set(feed);
        matched |=
            report(
                program,
                key,
                program.nfa().process(buffer, state, event, now, program.skip(), TIME));
      }
      keep(program, key, state, fresh, buffer, clock);
    }
    if (progress != null) {
      int reached = matched ? program.stages() : program.furthest(state);
      if (reached > before) {
        progress.reached(program.progress(key, reached - 1, event));
      }
    }
  }

  private void keep(
      Program program,
      String key,
      NFAState state,
      boolean fresh,
      SharedBufferAccessor<NodeEvent> buffer,
      NodeClock clock)
      throws Exception {
    MapState<String, NFAState> partials = store.partials();
    if (program.idle(state)) {
      partials.remove(program.id());
      if (partials.isEmpty()) {
        buffer.advanceTime(ALL_TIME);
        if (!fresh) {
          clock.partials().addLoad(-1);
        }
      }
      return;
    }
    if (fresh && partials.isEmpty()) {
      clock.partials().addLoad(1);
    }
    if (state.isNewStartPartialMatch()) {
      expect(key, clock.now() + program.window(), clock);
    }
    if (program.trailingGap() > 0 && state.isStateChanged()) {
      expect(key, clock.now() + program.trailingGap(), clock);
    }
    state.resetStateChanged();
    state.resetNewStartPartialMatch();
    partials.put(program.id(), state);
  }

  private void expect(String key, long deadline, NodeClock clock) throws Exception {
    long slot = Agenda.slotOf(deadline);
    store.deadlines(slot).put(key, true);
    clock.partials().expect(slot);
  }

  /** Ends what is over by the node's clock. */
  void expire(NodeClock clock) throws Exception {
    reported.clear();
    while (clock.partials().due(clock.now())) {
      for (String key : takeKeys(clock.partials().takeSlot())) {
        expire(key, clock);
      }
    }
  }

  private List<String> takeKeys(long slot) throws Exception {
    MapState<String, Boolean> due = store.deadlines(slot);
    List<String> keys = new ArrayList<>();
    due.keys().forEach(keys::add);
    due.clear();
    return keys;
  }

  private void expire(String key, NodeClock clock) throws Exception {
    store.enter(key);
    MapState<String, NFAState> partials = store.partials();
    if (partials.isEmpty()) {
      return;
    }
    try (SharedBufferAccessor<NodeEvent> buffer = store.buffer().getAccessor()) {
      for (Map.Entry<String, NFAState> partial : entries(partials)) {
        Program program = plan.byId(partial.getKey());
        NFAState state = partial.getValue();
        if (program == null) {
          // Of a sequence that was changed or removed since the state was written.
          release(state, buffer);
          partials.remove(partial.getKey());
          continue;
        }
        report(
            program, key, program.nfa().advanceTime(buffer, state, clock.now(), program.skip()).f0);
        if (program.idle(state)) {
          partials.remove(program.id());
        } else {
          state.resetStateChanged();
          partials.put(program.id(), state);
        }
      }
      if (partials.isEmpty()) {
        buffer.advanceTime(ALL_TIME);
        clock.partials().addLoad(-1);
      }
    }
  }

  /**
   * Lets go of the partial matches of the current node that belong to no program of this plan. Each
   * of them has a deadline to come, so that what waits for one leads to all.
   */
  void release(NodeClock clock) throws Exception {
    Agenda agenda = clock.partials();
    if (!agenda.waiting()) {
      return;
    }
    Set<String> keys = new HashSet<>();
    for (long slot = agenda.firstSlot(); slot <= agenda.lastSlot(); slot++) {
      store.deadlines(slot).keys().forEach(keys::add);
    }
    for (String key : keys) {
      release(key, clock);
    }
  }

  private void release(String key, NodeClock clock) throws Exception {
    store.enter(key);
    MapState<String, NFAState> partials = store.partials();
    if (partials.isEmpty()) {
      return;
    }
    try (SharedBufferAccessor<NodeEvent> buffer = store.buffer().getAccessor()) {
      for (Map.Entry<String, NFAState> partial : entries(partials)) {
        if (plan.byId(partial.getKey()) == null) {
          release(partial.getValue(), buffer);
          partials.remove(partial.getKey());
        }
      }
      if (partials.isEmpty()) {
        buffer.advanceTime(ALL_TIME);
        clock.partials().addLoad(-1);
      }
    }
  }

  private static List<Map.Entry<String, NFAState>> entries(MapState<String, NFAState> partials)
      throws Exception {
    List<Map.Entry<String, NFAState>> entries = new ArrayList<>();
    partials.entries().forEach(entry -> entries.add(Map.entry(entry.getKey(), entry.getValue())));
    return entries;
  }

  private boolean report(
      Program program, String key, Collection<Map<String, List<NodeEvent>>> matches) {
    for (Map<String, List<NodeEvent>> match : matches) {
      Match finding = program.match(key, match);
      // Several orders, or several beginnings, that one event completes are one finding.
      if (finding != null && reported.add(program.sequence().index() + " " + key)) {
        found.accept(finding);
      }
    }
    return !matches.isEmpty();
  }

  private void giveUpOldest(Program program, NFAState state, SharedBufferAccessor<NodeEvent> buffer)
      throws Exception {
    ComputationState oldest = null;
    for (ComputationState partial : state.getPartialMatches()) {
      if (partial.getStartEventID() != null
          && (oldest == null || older(program, partial, oldest))) {
        oldest = partial;
      }
    }
    if (oldest != null) {
      state.getPartialMatches().remove(oldest);
      buffer.releaseNode(oldest.getPreviousBufferEntry(), oldest.getVersion());
      shed++;
    }
  }

  /** What has come less far is given up first. */
  private static boolean older(Program program, ComputationState a, ComputationState b) {
    int stages = Integer.compare(program.stage(a), program.stage(b));
    return stages != 0 ? stages < 0 : a.getStartTimestamp() < b.getStartTimestamp();
  }

  private void giveUpOldest(NodeClock clock) throws Exception {
    int given = 0;
    while (clock.partials().waiting() && given == 0) {
      for (String key : takeKeys(clock.partials().takeSlot())) {
        store.enter(key);
        if (!store.partials().isEmpty()) {
          try (SharedBufferAccessor<NodeEvent> buffer = store.buffer().getAccessor()) {
            for (Map.Entry<String, NFAState> partial : entries(store.partials())) {
              release(partial.getValue(), buffer);
              given++;
            }
            buffer.advanceTime(ALL_TIME);
          }
          store.partials().clear();
          clock.partials().addLoad(-1);
        }
      }
    }
    shed += given;
  }

  private static void release(NFAState state, SharedBufferAccessor<NodeEvent> buffer)
      throws Exception {
    for (ComputationState partial : state.getPartialMatches()) {
      if (partial.getPreviousBufferEntry() != null) {
        buffer.releaseNode(partial.getPreviousBufferEntry(), partial.getVersion());
      }
    }
    for (ComputationState complete : state.getCompletedMatches()) {
      if (complete.getPreviousBufferEntry() != null) {
        buffer.releaseNode(complete.getPreviousBufferEntry(), complete.getVersion());
      }
    }
  }
}
