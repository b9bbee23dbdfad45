package dev.interdict.jobs.sequence;

import dev.interdict.cep.Count;
import dev.interdict.cep.Matcher;
import dev.interdict.cep.Rule;
import dev.interdict.cep.RuleSet;
import dev.interdict.cep.Sequence;
import dev.interdict.schema.Level;

/** A rule set made ready to decide. Belongs to one detector. */
final class ActiveRules {
  final RuleSet set;
  final Matcher matcher;
  final long kinds;

  /** By the rule's index: whether a hit is an alert. */
  final boolean[] alerting;

  final Correlations correlations;

  ActiveRules(RuleSet set, boolean informational, Correlations correlations) {
    this.set = set;
    this.correlations = correlations;
    matcher = set.newMatcher();
    kinds = matcher.kinds();
    alerting = alerting(set, informational);
  }

  private static boolean[] alerting(RuleSet rules, boolean informational) {
    boolean[] alerting = new boolean[rules.rules().size()];
    for (Rule rule : rules.rules()) {
      alerting[rule.index()] =
          rule.alerts() || (informational && rule.level() == Level.INFORMATIONAL);
    }
    for (Sequence sequence : rules.sequences()) {
      sequence.steps().forEach(step -> onlyIfAsked(step.rules(), rules, alerting));
    }
    for (Count count : rules.counts()) {
      int[] parts = count.parts().stream().mapToInt(Count.Part::hit).toArray();
      onlyIfAsked(parts, rules, alerting);
    }
    return alerting;
  }

  /** Of what serves others, informational or not. */
  private static void onlyIfAsked(int[] hits, RuleSet rules, boolean[] alerting) {
    for (int hit : hits) {
      if (hit < alerting.length) {
        alerting[hit] = rules.rules().get(hit).alerts();
      }
    }
  }
}
