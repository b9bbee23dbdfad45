package dev.interdict.cep.sigma;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Rules as correlations and sequences name them: by id or by name. */
final class References {
  private final Map<String, CompiledRule> rules = new HashMap<>();
  private final Map<String, String> refused = new HashMap<>();
  private final Set<String> correlations = new HashSet<>();
  private final Set<Integer> used = new HashSet<>();

  void add(CompiledRule rule) {
    rules.put(rule.rule().id(), rule);
    rules.put(rule.rule().name(), rule);
  }

  void addRefused(Metadata about, String reason) {
    refused.put(about.id(), reason);
    refused.put(about.name(), reason);
  }

  void addCorrelation(Metadata about) {
    correlations.add(about.id());
    correlations.add(about.name());
  }

  /**
   * @throws RefusedException where one of them is refused itself, or is a correlation
   */
  List<CompiledRule> rules(List<Yaml> names) {
    List<CompiledRule> found = new ArrayList<>();
    for (Yaml yaml : names) {
      String name = yaml.text().strip();
      CompiledRule rule = name.isEmpty() ? null : rules.get(name);
      if (rule != null) {
        found.add(rule);
        used.add(rule.rule().index());
      } else if (refused.containsKey(name)) {
        throw new RefusedException("needs rule " + name + ", refused: " + refused.get(name));
      } else if (correlations.contains(name)) {
        throw new RefusedException("chained correlations are not supported: " + name);
      } else {
        throw yaml.problem("no rule has the id or name " + name);
      }
    }
    return found;
  }

  /** Indexes of the rules asked for since the last call. */
  Set<Integer> takeUsed() {
    Set<Integer> taken = Set.copyOf(used);
    used.clear();
    return taken;
  }
}
