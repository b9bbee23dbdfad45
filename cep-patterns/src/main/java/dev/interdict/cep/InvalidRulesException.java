package dev.interdict.cep;

import java.util.List;
import java.util.stream.Collectors;

/** Rule files that cannot be taken as they are; nothing of the set is in effect. */
public final class InvalidRulesException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final transient List<Problem> problems;

  public InvalidRulesException(List<Problem> problems) {
    super(problems.stream().map(Problem::toString).collect(Collectors.joining("\n")));
    this.problems = List.copyOf(problems);
  }

  public List<Problem> problems() {
    return problems;
  }
}
