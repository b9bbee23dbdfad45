package dev.interdict.cep;

import dev.interdict.schema.Level;
import java.io.Serializable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Events in relation: a Sigma correlation of type temporal or temporal_ordered, or our own {@code
 * sequence:}. Other events may lie between the steps (relaxed contiguity). Several findings that
 * the same event completes for the same key are one finding.
 *
 * @param index position in {@link RuleSet#sequences()}
 * @param ordered false: the steps may come in any order, see {@link #orders()}
 * @param within longest time from the first event to the last
 */
public record Sequence(
    int index,
    String id,
    String name,
    String title,
    String description,
    String author,
    Level level,
    List<String> techniques,
    List<Step> steps,
    boolean ordered,
    Duration within,
    Location location)
    implements Serializable {

  /** An unordered sequence of n steps is n! ordered ones. */
  public static final int MAX_UNORDERED_STEPS = 4;

  public Sequence {
    techniques = List.copyOf(techniques);
    steps = List.copyOf(steps);
  }

  /** The orders in which the steps may come; any of them is a finding. */
  public List<List<Step>> orders() {
    if (ordered) {
      return List.of(steps);
    }
    List<List<Step>> orders = new ArrayList<>();
    permute(new ArrayList<>(), new ArrayList<>(steps), orders);
    return orders;
  }

  private static void permute(List<Step> chosen, List<Step> left, List<List<Step>> orders) {
    if (left.isEmpty()) {
      orders.add(List.copyOf(chosen));
      return;
    }
    for (int i = 0; i < left.size(); i++) {
      Step step = left.remove(i);
      chosen.add(step);
      permute(chosen, left, orders);
      chosen.remove(chosen.size() - 1);
      left.add(i, step);
    }
  }
}
