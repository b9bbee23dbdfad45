package dev.interdict.jobs.sequence;

import dev.interdict.jobs.source.NodeEvent;
import java.io.Serializable;
import org.apache.flink.cep.pattern.conditions.SimpleCondition;

/**
 * Which steps the event that is being processed satisfies. The rules were decided once for all
 * sequences; the NFA's conditions only look here.
 */
final class StepMask implements Serializable {
  private static final long serialVersionUID = 1;

  static final int MAX_STEPS = Long.SIZE;

  private long steps;

  void set(long value) {
    steps = value;
  }

  SimpleCondition<NodeEvent> step(int index) {
    return new Step(this, index);
  }

  private static final class Step extends SimpleCondition<NodeEvent> {
    private static final long serialVersionUID = 1;

    private final StepMask mask;
    private final int index;

    Step(StepMask mask, int index) {
      this.mask = mask;
      this.index = index;
    }

    @Override
    public boolean filter(NodeEvent event) {
      return (mask.steps >>> index & 1) != 0;
    }
  }
}
