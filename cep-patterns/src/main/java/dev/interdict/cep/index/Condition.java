package dev.interdict.cep.index;

/** An {@link Expression} over numbered predicates. */
sealed interface Condition {
  boolean holds(Evaluation evaluation);

  record Leaf(int predicate) implements Condition {
    @Override
    public boolean holds(Evaluation evaluation) {
      return evaluation.holds(predicate);
    }
  }

  record Always() implements Condition {
    @Override
    public boolean holds(Evaluation evaluation) {
      return true;
    }
  }

  record Negation(Condition operand) implements Condition {
    @Override
    public boolean holds(Evaluation evaluation) {
      return !operand.holds(evaluation);
    }
  }

  /** Not records: arrays are walked without an iterator. */
  final class All implements Condition {
    private final Condition[] operands;

    All(Condition[] operands) {
      this.operands = operands;
    }

    @Override
    public boolean holds(Evaluation evaluation) {
      for (Condition operand : operands) {
        if (!operand.holds(evaluation)) {
          return false;
        }
      }
      return true;
    }
  }

  final class Any implements Condition {
    private final Condition[] operands;

    Any(Condition[] operands) {
      this.operands = operands;
    }

    @Override
    public boolean holds(Evaluation evaluation) {
      for (Condition operand : operands) {
        if (operand.holds(evaluation)) {
          return true;
        }
      }
      return false;
    }
  }
}
