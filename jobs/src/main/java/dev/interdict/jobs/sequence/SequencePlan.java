package dev.interdict.jobs.sequence;

import dev.interdict.cep.RuleSet;
import dev.interdict.cep.Sequence;
import dev.interdict.cep.Step;
import java.util.LinkedHashMap;
import java.util.Map;

/** All sequences of a rule set, found by the rules that their steps wait for. */
final class SequencePlan extends Plan<Program> {
  SequencePlan(RuleSet rules) {
    super(rules.hits(), programs(rules), SequencePlan::parts);
  }

  private static Map<String, Program> programs(RuleSet rules) {
    Map<String, Program> byId = new LinkedHashMap<>();
    for (Sequence sequence : rules.sequences()) {
      String id = sequence.id() + "#" + version(sequence, rules);
      byId.put(id, new Program(id, sequence));
    }
    return byId;
  }

  private static int[][] parts(Program program) {
    return program.steps().stream().map(Step::rules).toArray(int[][]::new);
  }

  /** Partial matches outlive a change of the rule set unless this part of a sequence changed. */
  private static String version(Sequence sequence, RuleSet rules) {
    StringBuilder text = new StringBuilder().append(sequence.within());
    for (Step step : sequence.steps()) {
      text.append('\n').append(step.name()).append('\t').append(step.key());
      for (int rule : step.rules()) {
        text.append('\t').append(rules.byHit(rule).id());
      }
      text.append('\t').append(step.absent()).append(step.sameEvent());
      text.append('\t').append(step.times()).append('\t').append(step.within());
      text.append('\t').append(step.when());
      text.append('\t').append(step.alias()).append('\t').append(step.where());
    }
    return digest(text);
  }
}
