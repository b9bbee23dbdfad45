package dev.interdict.cep;

import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.List;

/**
 * Rules and sequences that are in effect together. Immutable; serialized as its files and compiled
 * again on the other side.
 */
public final class RuleSet implements Serializable {
  private static final long serialVersionUID = 1;

  private RuleSet() {}

  /**
   * Every *.yml and *.yaml below the directory.
   *
   * @throws InvalidRulesException with every mistake found
   */
  public static RuleSet load(Path directory) throws IOException {
    throw new UnsupportedOperationException();
  }

  /** The content that ships with this build. */
  public static RuleSet builtin() {
    throw new UnsupportedOperationException();
  }

  /**
   * @throws InvalidRulesException with every mistake found
   */
  public static RuleSet of(List<RuleFile> files) {
    throw new UnsupportedOperationException();
  }

  public List<RuleFile> files() {
    throw new UnsupportedOperationException();
  }

  /** In the order of their index. */
  public List<Rule> rules() {
    throw new UnsupportedOperationException();
  }

  /** In the order of their index. */
  public List<Sequence> sequences() {
    throw new UnsupportedOperationException();
  }

  /** Rules and sequences that are well formed but can never fire here. */
  public List<Refusal> refusals() {
    throw new UnsupportedOperationException();
  }

  /** Bitmap of the event kinds that the set needs. */
  public long kinds() {
    throw new UnsupportedOperationException();
  }

  /** Names the content: equal for equal files, 32 hex digits. */
  public String hash() {
    throw new UnsupportedOperationException();
  }

  public Matcher newMatcher() {
    throw new UnsupportedOperationException();
  }
}
