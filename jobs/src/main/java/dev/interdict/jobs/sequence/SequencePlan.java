package dev.interdict.jobs.sequence;

import dev.interdict.cep.Hits;
import dev.interdict.cep.RuleSet;
import dev.interdict.cep.Sequence;
import dev.interdict.cep.Step;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** All sequences of a rule set, found by the rules that their steps wait for. */
final class SequencePlan {
  private final List<Program> programs = new ArrayList<>();
  private final Map<String, Program> byId = new LinkedHashMap<>();
  private final HitIndex index;

  SequencePlan(RuleSet rules) {
    for (Sequence sequence : rules.sequences()) {
      Program program = new Program(sequence.id() + "#" + version(sequence, rules), sequence);
      programs.add(program);
      byId.put(program.id(), program);
    }
    index =
        new HitIndex(
            rules.hits(),
            programs.stream()
                .map(program -> program.steps().stream().map(Step::rules).toArray(int[][]::new))
                .toList());
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

  /** Names a version: 8 hex digits. */
  static String digest(CharSequence text) {
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

  boolean isUsed(int hit) {
    return index.isUsed(hit);
  }

  /** Finds the programs that wait for one of the rules; the answer lasts until the next call. */
  int select(Hits hits) {
    return index.select(hits);
  }

  Program selected(int selected) {
    return programs.get(index.selected(selected));
  }

  /** The steps that the event satisfies. The caller takes each mask once. */
  long takeMask(int selected) {
    return index.takeMask(selected);
  }
}
