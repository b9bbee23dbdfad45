package dev.interdict.jobs.sequence;

import dev.interdict.cep.Hits;
import dev.interdict.cep.RuleSet;
import dev.interdict.cep.Sequence;
import dev.interdict.cep.Step;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** All sequences of a rule set, found by the rules that their steps wait for. */
final class SequencePlan {
  private static final int STEP_BITS = 6;
  private static final int[] NONE = {};

  private final List<Program> programs = new ArrayList<>();
  private final Map<String, Program> byId = new LinkedHashMap<>();
  private final int[][] uses;

  // Of the event that is being looked at.
  private final long[] masks;
  private final int[] touched;
  private int touchedCount;

  SequencePlan(RuleSet rules) {
    for (Sequence sequence : rules.sequences()) {
      String version = sequence.id() + "#" + version(sequence, rules);
      List<List<Step>> orders = sequence.orders();
      for (int order = 0; order < orders.size(); order++) {
        Program program = new Program(version + "/" + order, sequence, orders.get(order));
        programs.add(program);
        byId.put(program.id(), program);
      }
    }
    uses = new int[rules.rules().size()][];
    Arrays.fill(uses, NONE);
    for (int program = 0; program < programs.size(); program++) {
      List<Step> steps = programs.get(program).steps();
      for (int step = 0; step < steps.size(); step++) {
        for (int rule : steps.get(step).rules()) {
          int[] grown = Arrays.copyOf(uses[rule], uses[rule].length + 1);
          grown[grown.length - 1] = program << STEP_BITS | step;
          uses[rule] = grown;
        }
      }
    }
    masks = new long[programs.size()];
    touched = new int[programs.size()];
  }

  /** Partial matches outlive a change of the rule set unless this part of a sequence changed. */
  private static String version(Sequence sequence, RuleSet rules) {
    StringBuilder text = new StringBuilder().append(sequence.ordered()).append(sequence.within());
    for (Step step : sequence.steps()) {
      text.append('\n').append(step.name()).append('\t').append(step.key());
      for (int rule : step.rules()) {
        text.append('\t').append(rules.rules().get(rule).id());
      }
      text.append('\t').append(step.absent()).append(step.sameEvent());
      text.append('\t').append(step.times()).append('\t').append(step.within());
    }
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256")
              .digest(text.toString().getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, 4);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this JDK has no SHA-256", e);
    }
  }

  /** Null for a program of an earlier rule set. */
  Program byId(String id) {
    return byId.get(id);
  }

  /** Finds the programs that wait for one of the rules; the answer lasts until the next call. */
  int select(Hits hits) {
    touchedCount = 0;
    for (int i = 0; i < hits.size(); i++) {
      for (int use : uses[hits.rule(i)]) {
        int program = use >>> STEP_BITS;
        if (masks[program] == 0) {
          touched[touchedCount++] = program;
        }
        masks[program] |= 1L << (use & (1 << STEP_BITS) - 1);
      }
    }
    // In the order of the rule set, so that a replay finds the same match first.
    Arrays.sort(touched, 0, touchedCount);
    return touchedCount;
  }

  Program selected(int index) {
    return programs.get(touched[index]);
  }

  /** The steps that the event satisfies. The caller takes each mask once. */
  long takeMask(int index) {
    long mask = masks[touched[index]];
    masks[touched[index]] = 0;
    return mask;
  }
}
