package dev.interdict.cep.sigma;

import dev.interdict.cep.Location;
import dev.interdict.cep.Problem;

/** A mistake at one place of a rule file. */
public final class RuleSyntaxException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final transient Location at;

  public RuleSyntaxException(Location at, String message) {
    super(message);
    this.at = at;
  }

  public Problem problem() {
    return new Problem(at, getMessage());
  }
}
