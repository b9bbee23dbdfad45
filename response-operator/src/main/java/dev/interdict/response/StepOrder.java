package dev.interdict.response;

import dev.interdict.schema.ResponseStep;

/**
 * One step of one containment.
 *
 * @param step its place among those of the containment
 * @param nodeName what the node calls itself; empty where it was not connected since the start
 */
public record StepOrder(ContainmentRecord containment, int step, String nodeName) {

  /** The same whenever the step is asked for. */
  public String key() {
    return containment.id() + "-" + step;
  }

  public StepKind kind() {
    return StepKind.of(what());
  }

  public ResponseStep what() {
    return containment.steps().get(step);
  }

  /**
   * @throws IllegalArgumentException if the kind has none of this name
   */
  public String parameter(String name) {
    return what().getParametersOrThrow(name);
  }

  /** Whether the node has confirmed that the processes are frozen. */
  public boolean frozen() {
    return containment.freeze() && containment.state() == ContainmentState.IN_FORCE;
  }
}
