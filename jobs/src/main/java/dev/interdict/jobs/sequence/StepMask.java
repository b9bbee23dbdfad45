package dev.interdict.jobs.sequence;

import dev.interdict.cep.Comparison;
import dev.interdict.jobs.source.NodeEvent;
import java.io.Serializable;
import java.util.Map;
import org.apache.flink.cep.pattern.conditions.IterativeCondition;

/**
 * Which steps the event that is being processed satisfies. The rules were decided once for all
 * sequences; the NFA's conditions only look here, and compare with the events before where the step
 * asks for that.
 */
final class StepMask implements Serializable {
  private static final long serialVersionUID = 1;

  static final int MAX_STEPS = Long.SIZE;

  private long steps;

  void set(long value) {
    steps = value;
  }

  /**
   * @param alias what the comparison calls the event
   * @param where null if it is not compared
   * @param stages of the steps before, by their aliases
   */
  IterativeCondition<NodeEvent> step(
      int index, String alias, Comparison where, Map<String, String> stages) {
    return new Step(this, index, alias, where, Map.copyOf(stages));
  }

  private static final class Step extends IterativeCondition<NodeEvent> {
    private static final long serialVersionUID = 1;

    private final StepMask mask;
    private final int index;
    private final String alias;
    private final Comparison where;
    private final Map<String, String> stages;

    Step(StepMask mask, int index, String alias, Comparison where, Map<String, String> stages) {
      this.mask = mask;
      this.index = index;
      this.alias = alias;
      this.where = where;
      this.stages = stages;
    }

    @Override
    public boolean filter(NodeEvent event, Context<NodeEvent> before) throws Exception {
      if ((mask.steps >>> index & 1) == 0) {
        return false;
      }
      if (where == null) {
        return true;
      }
      Map<String, byte[]> events = new java.util.HashMap<>();
      events.put(alias, event.body());
      for (String step : where.steps()) {
        String stage = stages.get(step);
        if (stage != null && !step.equals(alias)) {
          for (NodeEvent taken : before.getEventsForPattern(stage)) {
            events.put(step, taken.body());
          }
        }
      }
      return where.holds(events::get);
    }
  }
}
