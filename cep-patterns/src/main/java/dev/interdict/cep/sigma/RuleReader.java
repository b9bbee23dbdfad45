package dev.interdict.cep.sigma;

import dev.interdict.cep.About;
import dev.interdict.cep.Count;
import dev.interdict.cep.Described;
import dev.interdict.cep.Exemption;
import dev.interdict.cep.Location;
import dev.interdict.cep.Problem;
import dev.interdict.cep.Refusal;
import dev.interdict.cep.RuleFile;
import dev.interdict.cep.Sequence;
import dev.interdict.schema.Level;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Reads a set of files: rules first, then what refers to them. Goes on after a mistake. */
public final class RuleReader {
  private final List<CompiledRule> rules = new ArrayList<>();
  private final List<CompiledCorrelation> correlations = new ArrayList<>();
  private final List<Refusal> refusals = new ArrayList<>();
  private final TreeSet<Problem> problems =
      new TreeSet<>(
          java.util.Comparator.comparing(Problem::location).thenComparing(Problem::message));

  private final List<Exemption> exemptions = new ArrayList<>();
  private final List<Problem> warnings = new ArrayList<>();
  private final Placeholders placeholders = new Placeholders();
  private final Filters filters = new Filters();
  private final References references = new References(this::read);
  private final Map<String, Location> names = new HashMap<>();
  private final Set<Integer> parts = new HashSet<>();
  private final Set<Integer> generated = new HashSet<>();
  private final Set<Yaml> read = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Numbers numbers = new Numbers();

  private interface Reading {
    void read(About about);
  }

  private final class Numbers implements CorrelationParser.Numbering {
    @Override
    public int sequence() {
      return of(Sequence.class).size();
    }

    @Override
    public int count() {
      return of(Count.class).size();
    }

    @Override
    public int hit() {
      return rules.size() + correlations.size();
    }
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
    documents.forEach(reader::read);
    reader.markParts();
    reader.warnings.addAll(reader.filters.unused());
    reader.warnOfExemptions();
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
      references.addUnread(Metadata.of(document), document);
    } else if (document.has("exception")) {
      about(document, about -> exemptions.add(ExemptionParser.parse(document, about)));
    } else if (document.has("action")) {
      throw document.problem("action: was removed from Sigma; write whole documents");
    } else {
      throw document.problem(
          "neither detection, correlation, sequence, filter, exception nor placeholders");
    }
  }

  /** A correlation or sequence; it may have been read before, for another that needs it. */
  private void read(Yaml document) {
    if (document.type() == Yaml.Type.MAP
        && (document.has("correlation") || document.has("sequence"))
        && read.add(document)) {
      noting(() -> about(document, about -> correlation(document, about)));
    }
  }

  private void correlation(Yaml document, About about) {
    boolean ours = document.has("sequence");
    references.begin(about);
    try {
      CompiledCorrelation correlation =
          ours
              ? new SequenceParser(references, numbers).parse(document, about)
              : new CorrelationParser(references, numbers).parse(document, about);
      correlations.add(correlation);
      references.add(correlation);
    } finally {
      Set<Integer> used = references.end(about);
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
    About about = Metadata.of(document);
    unique(about.id(), about.location(), "id");
    if (!about.name().isEmpty()) {
      unique(about.name(), about.location(), "name");
    }
    try {
      reading.read(about);
    } catch (RefusedException e) {
      references.addRefused(about, e.getMessage());
      refusals.add(
          new Refusal(
              about.id(), about.title(), about.techniques(), about.location(), e.getMessage()));
    }
  }

  private void unique(String value, Location at, String what) {
    Location first = names.putIfAbsent(value, at);
    if (first != null) {
      throw new RuleSyntaxException(at, what + " " + value + " is taken by " + first);
    }
  }

  /** What serves others alerts by itself only if one that uses it says so; nothing that informs. */
  private void markParts() {
    for (int part : parts) {
      boolean alerts = generated.contains(part);
      if (part < rules.size()) {
        CompiledRule rule = rules.get(part);
        rules.set(part, rule.withAlerts(alerts && rule.rule().level() != Level.INFORMATIONAL));
      }
    }
    for (int i = 0; i < correlations.size(); i++) {
      CompiledCorrelation correlation = correlations.get(i);
      int hit = correlation.hit();
      boolean serves = parts.contains(hit) && !generated.contains(hit);
      if (serves || correlation.about().level() == Level.INFORMATIONAL) {
        correlations.set(i, correlation.withAlerts(false));
      }
    }
  }

  private void warnOfExemptions() {
    Set<String> known = new HashSet<>(Set.of("any"));
    List<About> all = new ArrayList<>();
    rules.forEach(rule -> all.add(rule.about()));
    correlations.forEach(correlation -> all.add(correlation.about()));
    for (About about : all) {
      known.add(about.id());
      known.add(about.name());
      for (String tag : about.tags()) {
        // A technique stands for its sub-techniques.
        for (int end = tag.length(); end > 0; end = tag.lastIndexOf('.', end - 1)) {
          known.add(tag.substring(0, end));
        }
      }
    }
    refusals.forEach(refusal -> known.add(refusal.id()));
    for (Exemption exemption : exemptions) {
      Set<String> unknown = new TreeSet<>(exemption.rules());
      unknown.addAll(exemption.tags());
      unknown.removeAll(known);
      for (String name : unknown) {
        warnings.add(
            new Problem(exemption.location(), "the exception names no rule here: " + name));
      }
    }
  }

  private <T extends Described> List<T> of(Class<T> type) {
    return correlations.stream()
        .map(CompiledCorrelation::correlation)
        .filter(type::isInstance)
        .map(type::cast)
        .toList();
  }

  public List<CompiledRule> rules() {
    return rules;
  }

  /** Each after those that it refers to, in the order of the numbers of their hits. */
  public List<Described> correlations() {
    return correlations.stream().map(CompiledCorrelation::correlation).toList();
  }

  public List<Sequence> sequences() {
    return of(Sequence.class);
  }

  public List<Count> counts() {
    return of(Count.class);
  }

  public List<Refusal> refusals() {
    return refusals;
  }

  public List<Exemption> exemptions() {
    return exemptions;
  }

  /** What can be taken, but is hardly meant. */
  public List<Problem> warnings() {
    return warnings;
  }

  public List<Problem> problems() {
    return List.copyOf(problems);
  }
}
