package dev.interdict.cep.index;

import dev.interdict.schema.EventView;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** What a rule demands of an event. Built by the factory methods, it holds no constant inside. */
public sealed interface Expression {
  Expression TRUE = new Constant(true);
  Expression FALSE = new Constant(false);

  /** Evaluates without an index, by the definition. */
  boolean matches(EventView event);

  record Constant(boolean value) implements Expression {
    @Override
    public boolean matches(EventView event) {
      return value;
    }
  }

  record Match(Predicate predicate) implements Expression {
    @Override
    public boolean matches(EventView event) {
      return predicate.matches(event);
    }
  }

  record Not(Expression operand) implements Expression {
    @Override
    public boolean matches(EventView event) {
      return !operand.matches(event);
    }
  }

  record And(List<Expression> operands) implements Expression {
    @Override
    public boolean matches(EventView event) {
      for (Expression operand : operands) {
        if (!operand.matches(event)) {
          return false;
        }
      }
      return true;
    }
  }

  record Or(List<Expression> operands) implements Expression {
    @Override
    public boolean matches(EventView event) {
      for (Expression operand : operands) {
        if (operand.matches(event)) {
          return true;
        }
      }
      return false;
    }
  }

  static Expression constant(boolean value) {
    return value ? TRUE : FALSE;
  }

  static Expression match(Slot slot, Test test) {
    if (test instanceof Glob glob && glob.shape() == Glob.Shape.ANY) {
      return TRUE;
    }
    if (test instanceof Range range && range.min() > range.max()) {
      return FALSE;
    }
    return new Match(new Predicate(slot, test));
  }

  static Expression not(Expression operand) {
    if (operand instanceof Constant constant) {
      return constant(!constant.value);
    }
    return operand instanceof Not not ? not.operand : new Not(operand);
  }

  static Expression and(Collection<Expression> operands) {
    Set<Expression> kept = new LinkedHashSet<>();
    for (Expression operand : operands) {
      if (operand instanceof And and) {
        kept.addAll(and.operands);
      } else if (!operand.equals(TRUE)) {
        kept.add(operand);
      }
    }
    if (kept.contains(FALSE)) {
      return FALSE;
    }
    return kept.isEmpty() ? TRUE : kept.size() == 1 ? only(kept) : new And(List.copyOf(kept));
  }

  static Expression or(Collection<Expression> operands) {
    Set<Expression> kept = new LinkedHashSet<>();
    for (Expression operand : operands) {
      if (operand instanceof Or or) {
        kept.addAll(or.operands);
      } else if (!operand.equals(FALSE)) {
        kept.add(operand);
      }
    }
    if (kept.contains(TRUE)) {
      return TRUE;
    }
    return kept.isEmpty() ? FALSE : kept.size() == 1 ? only(kept) : new Or(List.copyOf(kept));
  }

  private static Expression only(Set<Expression> one) {
    return one.iterator().next();
  }
}
