package dev.interdict.cep;

import java.time.Duration;
import java.util.List;

/**
 * Events in order: a Sigma correlation of type temporal_ordered, or our own {@code sequence:}.
 * Other events may lie between the steps (relaxed contiguity). Several findings that the same event
 * completes for the same key are one finding.
 *
 * @param index position in {@link RuleSet#sequences()}
 * @param hit number by which others refer to it, beyond those of the rules
 * @param within longest time from the first event to the last
 * @param alerts false if it only serves others
 */
public record Sequence(
    int index, int hit, About about, List<Step> steps, Duration within, boolean alerts)
    implements Described {

  public Sequence {
    steps = List.copyOf(steps);
  }
}
