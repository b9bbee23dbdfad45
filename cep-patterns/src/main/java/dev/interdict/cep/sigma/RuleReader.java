package dev.interdict.cep.sigma;

import dev.interdict.cep.Location;
import dev.interdict.cep.Problem;
import dev.interdict.cep.Refusal;
import dev.interdict.cep.RuleFile;
import dev.interdict.cep.Sequence;
import dev.interdict.schema.Level;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Reads a set of files: rules first, then what refers to them. Goes on after a mistake. */
public final class RuleReader {
  private final List<CompiledRule> rules = new ArrayList<>();
  private final List<Sequence> sequences = new ArrayList<>();
  private final List<Refusal> refusals = new ArrayList<>();
  private final TreeSet<Problem> problems =
      new TreeSet<>(
          java.util.Comparator.comparing(Problem::location).thenComparing(Problem::message));

  private final List<Problem> warnings = new ArrayList<>();
  private final Placeholders placeholders = new Placeholders();
  private final Filters filters = new Filters();
  private final References references = new References();
  private final Map<String, Location> taken = new HashMap<>();
  private final Set<Integer> parts = new HashSet<>();
  private final Set<Integer> generated = new HashSet<>();

  private interface Reading {
    void read(Metadata about);
  }

  public static RuleReader read(Collection<RuleFile> files) {
    RuleReader reader = new RuleReader();
    List<Yaml> documents = new ArrayList<>();
    for (RuleFile file : files) {
      reader.noting(() -> documents.addAll(Yaml.documents(file.name(), file.text())));
    }
    documents.forEach(document -> reader.noting(() -> reader.placeholders(document)));
    documents.forEach(document -> reader.noting(() -> reader.filter(document)));
    documents.forEach(document -> reader.noting(() -> reader.rule(document)));
    documents.forEach(document -> reader.noting(() -> reader.sequence(document)));
    reader.markParts();
    reader.warnings.addAll(reader.filters.unused());
    return reader;
  }

  private void noting(Runnable reading) {
    try {
      reading.run();
    } catch (RuleSyntaxException e) {
      problems.add(e.problem());
    }
  }

  private void placeholders(Yaml document) {
    if (document.type() != Yaml.Type.MAP) {
      throw document.problem("expected a map: a rule, a correlation or a sequence");
    }
    if (document.has("placeholders")) {
      placeholders.add(document);
    }
  }

  private void filter(Yaml document) {
    if (document.type() == Yaml.Type.MAP && document.has("filter")) {
      about(document, about -> filters.add(document, about, placeholders));
    }
  }

  private void rule(Yaml document) {
    if (document.type() != Yaml.Type.MAP
        || document.has("placeholders")
        || document.has("filter")) {
      return;
    }
    if (document.has("detection")) {
      about(
          document,
          about -> {
            CompiledRule rule =
                RuleParser.parse(document, about, rules.size(), placeholders, filters);
            rules.add(rule);
            references.add(rule);
          });
    } else if (document.has("correlation") || document.has("sequence")) {
      references.addCorrelation(Metadata.of(document));
    } else if (document.has("action")) {
      throw document.problem("action: was removed from Sigma; write whole documents");
    } else {
      throw document.problem("neither detection, correlation, sequence, filter nor placeholders");
    }
  }

  private void sequence(Yaml document) {
    if (document.type() != Yaml.Type.MAP
        || !(document.has("correlation") || document.has("sequence"))) {
      return;
    }
    references.takeUsed();
    boolean ours = document.has("sequence");
    try {
      about(
          document,
          about ->
              sequences.add(
                  ours
                      ? new SequenceParser(references).parse(document, about, sequences.size())
                      : new CorrelationParser(references)
                          .parse(document, about, sequences.size())));
    } finally {
      Set<Integer> used = references.takeUsed();
      parts.addAll(used);
      Yaml body = document.get(ours ? "sequence" : "correlation");
      if (generates(document) || (body.type() == Yaml.Type.MAP && generates(body))) {
        generated.addAll(used);
      }
    }
  }

  private static boolean generates(Yaml yaml) {
    return yaml.has("generate") && yaml.get("generate").flag();
  }

  private void about(Yaml document, Reading reading) {
    Metadata about = Metadata.of(document);
    unique(about.id(), about.location(), "id");
    if (!about.name().isEmpty()) {
      unique(about.name(), about.location(), "name");
    }
    try {
      reading.read(about);
    } catch (RefusedException e) {
      references.addRefused(about, e.getMessage());
      refusals.add(new Refusal(about.id(), about.title(), about.location(), e.getMessage()));
    }
  }

  private void unique(String value, Location at, String what) {
    Location first = taken.putIfAbsent(value, at);
    if (first != null) {
      throw new RuleSyntaxException(at, what + " " + value + " is taken by " + first);
    }
  }

  /** A part of a sequence alerts by itself only if one that uses it says so. */
  private void markParts() {
    for (int part : parts) {
      CompiledRule rule = rules.get(part);
      boolean alerts = generated.contains(part) && rule.rule().level() != Level.INFORMATIONAL;
      rules.set(part, rule.withAlerts(alerts));
    }
  }

  public List<CompiledRule> rules() {
    return rules;
  }

  public List<Sequence> sequences() {
    return sequences;
  }

  public List<Refusal> refusals() {
    return refusals;
  }

  /** What can be taken, but is hardly meant. */
  public List<Problem> warnings() {
    return warnings;
  }

  public List<Problem> problems() {
    return List.copyOf(problems);
  }
}
