package dev.interdict.cep.sigma;

import dev.interdict.cep.About;
import dev.interdict.cep.Comparison;
import dev.interdict.cep.KeyExpression;
import dev.interdict.cep.Sequence;
import dev.interdict.cep.Step;
import dev.interdict.cep.index.Expression;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** Reads {@code sequence:}, the extension documented in docs/rules.md. */
final class SequenceParser {
  private static final Set<String> KEYS = Set.of("within", "key", "steps", "generate");
  private static final Set<String> STEP_KEYS =
      Set.of(
          "name",
          "rule",
          "rules",
          "key",
          "within",
          "times",
          "absent",
          "same_event",
          "when",
          "evidence",
          "as",
          "where");
  private static final Pattern ALIAS =
      Pattern.compile("(?!(as|in|null|true|false)$)[a-z][a-z0-9_]*");
  private static final int MAX_STEPS = 32;
  private static final int MAX_TIMES = 1000;

  private final References references;

  private final CorrelationParser.Numbering numbering;

  SequenceParser(References references, CorrelationParser.Numbering numbering) {
    this.references = references;
    this.numbering = numbering;
  }

  CompiledCorrelation parse(Yaml document, About about) {
    Yaml yaml = document.get("sequence");
    yaml.known(KEYS);
    Duration within = Durations.parse(yaml.need("within"));
    KeyExpression key = yaml.has("key") ? key(yaml) : KeyExpression.entity();
    List<Step> steps = new ArrayList<>();
    List<Yaml> stepYamls = yaml.need("steps").items();
    if (stepYamls.size() > MAX_STEPS) {
      throw yaml.get("steps").problem("steps=" + stepYamls.size() + " limit=" + MAX_STEPS);
    }
    List<List<Part>> found = new ArrayList<>();
    Set<String> aliases = new HashSet<>();
    for (Yaml stepYaml : stepYamls) {
      found.add(parts(stepYaml));
      Step step = step(stepYaml, found.get(found.size() - 1), key, aliases);
      check(stepYaml, step, steps);
      steps.add(step);
    }
    Step last = steps.get(steps.size() - 1);
    if (last.absent() && last.within() == null) {
      throw stepYamls
          .get(steps.size() - 1)
          .problem("an absent step at the end needs within: how long to wait for it");
    }
    if (steps.size() == 1 && last.times() == 1) {
      throw yaml.problem("a sequence of one event is a rule");
    }
    Sequence sequence =
        new Sequence(numbering.sequence(), numbering.hit(), about, steps, within, true);
    return new CompiledCorrelation(
        sequence, last.absent() ? List.of() : found.get(found.size() - 1));
  }

  private static void check(Yaml yaml, Step step, List<Step> before) {
    if (before.isEmpty()) {
      if (step.absent() || step.sameEvent() || step.within() != null) {
        throw yaml.problem("the first step has nothing before it: no absent, same_event, within");
      }
      return;
    }
    if (!step.key().comparableTo(before.get(0).key())) {
      throw yaml.problem(
          "the key "
              + step.key()
              + " can never equal the first step's "
              + before.get(0).key()
              + ": they denote different things");
    }
    if (step.absent() && (step.times() > 1 || step.sameEvent())) {
      throw yaml.problem("an absent step has neither times nor same_event");
    }
    if (before.get(before.size() - 1).absent() && (step.absent() || step.sameEvent())) {
      throw yaml.problem("after an absent step comes a step with an event of its own");
    }
    if (step.sameEvent() && step.times() > 1) {
      throw yaml.problem("same_event and times exclude each other");
    }
  }

  private List<Part> parts(Yaml yaml) {
    yaml.known(STEP_KEYS);
    List<Yaml> rules = new ArrayList<>();
    for (String key : List.of("rule", "rules")) {
      if (yaml.has(key)) {
        rules.addAll(yaml.get(key).items());
      }
    }
    if (rules.isEmpty()) {
      throw yaml.problem("a step needs rule or rules");
    }
    return references.parts(rules);
  }

  /**
   * @param aliases of the steps before; that of this one is added
   */
  private static Step step(
      Yaml yaml, List<Part> parts, KeyExpression ofSequence, Set<String> aliases) {
    boolean absent = yaml.has("absent") && yaml.get("absent").flag();
    String alias = alias(yaml, aliases);
    Comparison where = yaml.has("where") ? where(yaml.get("where"), alias, aliases) : null;
    if (!absent && !alias.isEmpty()) {
      aliases.add(alias);
    }
    String name = yaml.has("name") ? yaml.textOf("name") : String.join(" or ", Part.titles(parts));
    return new Step(
        name,
        parts.stream().mapToInt(Part::hit).toArray(),
        yaml.has("key") ? key(yaml) : ofSequence,
        absent,
        yaml.has("same_event") && yaml.get("same_event").flag(),
        yaml.has("times") ? times(yaml.get("times")) : 1,
        yaml.has("within") ? Durations.parse(yaml.get("within")) : null,
        yaml.has("when") ? Detection.own(yaml.get("when")) : Expression.TRUE,
        yaml.has("evidence") ? ShownFields.own(yaml.get("evidence")) : ShownFields.of(parts),
        alias,
        where);
  }

  private static String alias(Yaml yaml, Set<String> aliases) {
    String alias = yaml.textOf("as");
    if (yaml.has("as") && (!ALIAS.matcher(alias).matches() || aliases.contains(alias))) {
      throw yaml.get("as")
          .problem("invalid as=" + alias + ": expected a word of its own such as written");
    }
    return alias;
  }

  private static Comparison where(Yaml yaml, String alias, Set<String> before) {
    Set<String> names = new HashSet<>(before);
    if (!alias.isEmpty()) {
      names.add(alias);
    }
    try {
      return Comparison.of(yaml.text(), names);
    } catch (IllegalArgumentException e) {
      throw yaml.problem("invalid where: " + e.getMessage());
    }
  }

  private static KeyExpression key(Yaml yaml) {
    try {
      return KeyExpression.parse(yaml.textsOf("key"));
    } catch (IllegalArgumentException e) {
      throw yaml.get("key").problem(e.getMessage());
    }
  }

  private static int times(Yaml yaml) {
    Long times = WholeNumbers.of(yaml.text());
    if (times == null || times < 1 || times > MAX_TIMES) {
      throw yaml.problem("invalid times=" + yaml.text() + " limit=" + MAX_TIMES);
    }
    return times.intValue();
  }
}
