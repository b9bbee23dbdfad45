package dev.interdict.cep;

import dev.interdict.cep.index.Expression;
import dev.interdict.cep.index.KindIndex;
import dev.interdict.cep.sigma.CompiledRule;
import dev.interdict.cep.sigma.RuleReader;
import dev.interdict.schema.Kind;
import dev.interdict.schema.Kinds;
import java.io.IOException;
import java.io.InvalidObjectException;
import java.io.ObjectInputStream;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Rules and sequences that are in effect together. Immutable; serialized as its files and compiled
 * again on the other side.
 */
public final class RuleSet implements Serializable {
  private static final long serialVersionUID = 1;
  private static final long MAX_FILE_BYTES = 4 << 20;

  private final transient List<RuleFile> files;
  private final transient List<CompiledRule> compiled;
  private final transient List<Rule> rules;
  private final transient List<Sequence> sequences;
  private final transient List<Count> counts;
  private final transient List<Described> correlations;
  private final transient List<Refusal> refusals;
  private final transient List<Problem> warnings;
  private final transient List<Exemption> exemptions;
  private transient KindIndex[] indexes; // made when first asked for
  private final transient String hash;

  private RuleSet(List<RuleFile> files, RuleReader reader) {
    this.files = List.copyOf(files);
    compiled = List.copyOf(reader.rules());
    rules = compiled.stream().map(CompiledRule::rule).toList();
    sequences = List.copyOf(reader.sequences());
    counts = List.copyOf(reader.counts());
    correlations = List.copyOf(reader.correlations());
    refusals = List.copyOf(reader.refusals());
    warnings = List.copyOf(reader.warnings());
    exemptions = List.copyOf(reader.exemptions());
    hash = hash(this.files);
  }

  /**
   * Every *.yml and *.yaml below the directory.
   *
   * @throws InvalidRulesException with every mistake found
   */
  public static RuleSet load(Path directory) throws IOException {
    return of(files(directory));
  }

  /**
   * The rule files below the directory, or the one file given, in the order of their names. Hidden
   * ones are left out: a mounted ConfigMap has all of its files once more in a hidden folder.
   */
  public static List<RuleFile> files(Path directory) throws IOException {
    List<Path> paths;
    try (Stream<Path> found = Files.walk(directory)) {
      paths =
          found
              .filter(path -> isRuleFile(path) && !isHidden(directory.relativize(path)))
              .sorted()
              .toList();
    }
    List<RuleFile> files = new ArrayList<>();
    for (Path path : paths) {
      long bytes = Files.size(path);
      if (bytes > MAX_FILE_BYTES) {
        throw new IOException(path + ": invalid bytes=" + bytes + " limit=" + MAX_FILE_BYTES);
      }
      files.add(new RuleFile(path.toString(), Files.readString(path)));
    }
    return files;
  }

  private static boolean isHidden(Path relative) {
    for (Path name : relative) {
      if (name.toString().startsWith(".")) {
        return true;
      }
    }
    return false;
  }

  private static boolean isRuleFile(Path path) {
    String name = path.getFileName().toString();
    return (name.endsWith(".yml") || name.endsWith(".yaml")) && Files.isRegularFile(path);
  }

  /** The content that ships with this build. */
  public static RuleSet builtin() {
    return of(builtinFiles());
  }

  public static List<RuleFile> builtinFiles() {
    return BuiltinContent.files();
  }

  /**
   * @throws InvalidRulesException with every mistake found
   */
  public static RuleSet of(List<RuleFile> files) {
    RuleReader reader = RuleReader.read(files);
    if (!reader.problems().isEmpty()) {
      throw new InvalidRulesException(reader.problems());
    }
    return new RuleSet(files, reader);
  }

  public List<RuleFile> files() {
    return files;
  }

  /** In the order of their index. */
  public List<Rule> rules() {
    return rules;
  }

  /** In the order of their index. */
  public List<Sequence> sequences() {
    return sequences;
  }

  /** In the order of their index. */
  public List<Count> counts() {
    return counts;
  }

  /** Sequences and counts together, each after those that it refers to. */
  public List<Described> correlations() {
    return correlations;
  }

  /** How many numbers hits have: those of the rules, then those of the correlations. */
  public int hits() {
    return rules.size() + correlations.size();
  }

  /** What has the number. */
  public Described byHit(int hit) {
    return hit < rules.size() ? rules.get(hit) : correlations.get(hit - rules.size());
  }

  /** Rules and sequences that are well formed but can never fire here. */
  public List<Refusal> refusals() {
    return refusals;
  }

  public List<Exemption> exemptions() {
    return exemptions;
  }

  /**
   * The first exception that holds for a finding; null if none does.
   *
   * @param nanos of the event that completed it
   * @param events serialized Events
   */
  public Exemption exemption(Described finder, long nanos, List<byte[]> events) {
    for (Exemption exemption : exemptions) {
      if (exemption.holds(finder, nanos, events)) {
        return exemption;
      }
    }
    return null;
  }

  /** Exceptions that no longer hold for what happens now. */
  public List<Problem> expired(Instant now) {
    return exemptions.stream()
        .filter(each -> each.expired(now.getEpochSecond() * 1_000_000_000L + now.getNano()))
        .map(
            each ->
                new Problem(
                    each.location(),
                    "the exception "
                        + each.title()
                        + " ended on "
                        + each.expires()
                        + ": remove it, or ask "
                        + each.owner()))
        .toList();
  }

  /** What was taken but is hardly meant. */
  public List<Problem> warnings() {
    return warnings;
  }

  /** Bitmap of the event kinds that the set needs. */
  public long kinds() {
    long kinds = 0;
    for (Rule rule : rules) {
      kinds |= rule.kinds();
    }
    return kinds;
  }

  /** Names the content: equal for equal files, 32 hex digits. */
  public String hash() {
    return hash;
  }

  /** What a rule demands of each kind of event, without an index. */
  public Map<Kind, Expression> conditions(Rule rule) {
    return compiled.get(rule.index()).conditions();
  }

  public Matcher newMatcher() {
    return new Matcher(indexes(), kinds());
  }

  private synchronized KindIndex[] indexes() {
    if (indexes == null) {
      Map<Kind, Map<Integer, Expression>> byKind = new EnumMap<>(Kind.class);
      for (CompiledRule rule : compiled) {
        rule.conditions()
            .forEach(
                (kind, condition) ->
                    byKind
                        .computeIfAbsent(kind, key -> new TreeMap<>())
                        .put(rule.rule().index(), condition));
      }
      KindIndex[] made = new KindIndex[Kinds.LIMIT];
      byKind.forEach((kind, conditions) -> made[kind.getNumber()] = new KindIndex(conditions));
      indexes = made;
    }
    return indexes;
  }

  private static String hash(List<RuleFile> files) {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
    for (RuleFile file : files) {
      for (String part : List.of(file.name(), file.text())) {
        byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
        digest.update((bytes.length + ":").getBytes(StandardCharsets.UTF_8));
        digest.update(bytes);
      }
    }
    return HexFormat.of().formatHex(digest.digest(), 0, 16);
  }

  private Object writeReplace() {
    return new Sources(new ArrayList<>(files));
  }

  private void readObject(ObjectInputStream in) throws InvalidObjectException {
    throw new InvalidObjectException("a rule set is read through its files");
  }

  /** The serialized form. */
  private record Sources(ArrayList<RuleFile> files) implements Serializable {
    private Object readResolve() {
      return of(files);
    }
  }
}
