package dev.interdict.jobs.sequence;

import dev.interdict.cep.Described;
import dev.interdict.cep.Exemption;
import dev.interdict.cep.Hits;
import dev.interdict.cep.RuleSet;
import dev.interdict.cep.Sequence;
import dev.interdict.jobs.alert.Alerts;
import dev.interdict.jobs.source.NodeEvent;
import dev.interdict.schema.Alert;
import dev.interdict.schema.EventView;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Sequences and counts, and those that refer to others: what one of them finds is a hit of the
 * event that completed it.
 */
final class Correlations {
  private final RuleSet rules;
  private final Sequences sequences;
  private final Counts counts;
  private final SequencePlan sequencePlan;
  private final CountPlan countPlan;
  private final Consumer<Alert> found;
  private final EventView ended = new EventView();

  private Hits raised = new Hits();
  private Hits raising = new Hits();
  private final List<Raised> late = new ArrayList<>();
  private NodeEvent current;
  private long suppressed;

  /** A hit of an event that was before the current one: it ended a span that is over. */
  private record Raised(int hit, NodeEvent event) {}

  /**
   * @param progress null where nobody looks
   */
  Correlations(
      RuleSet rules, KeyedStore store, SequenceProgress.Listener progress, Consumer<Alert> found) {
    this.rules = rules;
    this.found = found;
    sequencePlan = new SequencePlan(rules);
    countPlan = new CountPlan(rules);
    sequences = new Sequences(sequencePlan, store, Sequences.Limits.DEFAULT, this::found, progress);
    counts = new Counts(countPlan, store, Counts.DEFAULT_LIMIT, this::found);
  }

  /** The clock has been advanced to the event, and {@link #expire} was called since. */
  void process(NodeEvent event, EventView view, Hits hits, NodeClock clock) throws Exception {
    run(event, view, hits, clock);
    runLate(clock);
  }

  private void run(NodeEvent event, EventView view, Hits hits, NodeClock clock) throws Exception {
    current = event;
    Hits next = hits;
    // Ends since no correlation refers to itself.
    while (!next.isEmpty()) {
      raising.clear();
      counts.process(event, view, next, clock);
      sequences.process(event, view, next, clock);
      next = raising;
      raising = raised;
      raised = next;
    }
    current = null;
  }

  private void runLate(NodeClock clock) throws Exception {
    while (!late.isEmpty()) {
      Raised first = late.remove(0);
      Hits hits = new Hits();
      hits.add(first.hit());
      byte[] body = first.event().body();
      run(first.event(), ended.wrap(body, 0, body.length), hits, clock);
    }
  }

  private void found(Program.Match match) {
    Sequence sequence = match.sequence();
    if (sequence.alerts()) {
      tell(
          sequence,
          Alerts.of(sequence, match.key(), match.steps(), match.events()),
          match.events());
    }
    raise(sequence.hit(), match.events());
  }

  private void found(Counts.Finding finding) {
    if (finding.count().alerts()) {
      tell(
          finding.count(),
          Alerts.of(
              finding.count(),
              finding.key(),
              finding.parts(),
              finding.events(),
              finding.measured()),
          finding.events());
    }
    raise(finding.count().hit(), finding.events());
  }

  /** Of an exception, too: that is counted, and the alert says so. */
  void tell(Described finder, Alert alert, List<NodeEvent> events) {
    if (rules.exemptions().isEmpty()) {
      found.accept(alert);
      return;
    }
    List<byte[]> bodies = events.stream().map(NodeEvent::body).toList();
    Exemption exemption = rules.exemption(finder, alert.getTime(), bodies);
    if (exemption == null) {
      found.accept(alert);
    } else {
      suppressed++;
      found.accept(Alerts.suppressed(alert, exemption));
    }
  }

  private void raise(int hit, List<NodeEvent> events) {
    if (!sequencePlan.isUsed(hit) && !countPlan.isUsed(hit)) {
      return;
    }
    NodeEvent last = events.get(events.size() - 1);
    if (last == current) {
      raising.add(hit);
    } else {
      late.add(new Raised(hit, last));
    }
  }

  /** Ends what is over by the node's clock. */
  void expire(NodeClock clock) throws Exception {
    counts.expire(clock);
    sequences.expire(clock);
    runLate(clock);
  }

  /** Lets go of what belongs to correlations of other rule sets, of the current node. */
  void release(NodeClock clock) throws Exception {
    counts.release(clock);
    sequences.release(clock);
  }

  /** Partial matches given up because of a limit. */
  long partialMatchesShed() {
    return sequences.shed();
  }

  /** Findings for which an exception holds. */
  long suppressed() {
    return suppressed;
  }

  /** Windows and values given up because of a limit. */
  long windowsShed() {
    return counts.shed();
  }
}
