package dev.interdict.cep.index;

import dev.interdict.schema.Field;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Predicates of which at least one holds whenever the expression does, chosen to hold as rarely as
 * can be guessed.
 *
 * @param odds guessed share of events on which one of them holds
 */
record Triggers(Set<Predicate> predicates, double odds) {

  /** Null where the expression may hold although every predicate in it fails. */
  static Triggers of(Expression expression) {
    if (expression instanceof Expression.Match match) {
      return new Triggers(Set.of(match.predicate()), odds(match.predicate()));
    }
    if (expression instanceof Expression.And and) {
      Triggers best = null;
      for (Expression operand : and.operands()) {
        Triggers triggers = of(operand);
        if (triggers != null && (best == null || triggers.odds < best.odds)) {
          best = triggers;
        }
      }
      return best;
    }
    if (expression instanceof Expression.Or or) {
      Set<Predicate> all = new HashSet<>();
      double odds = 0;
      for (Expression operand : or.operands()) {
        Triggers triggers = of(operand);
        if (triggers == null) {
          return null;
        }
        all.addAll(triggers.predicates);
        odds += triggers.odds;
      }
      return new Triggers(all, odds);
    }
    return null;
  }

  private static double odds(Predicate predicate) {
    if (predicate.test() instanceof Range range) {
      if (predicate.slot().field().type() == Field.Type.BOOL) {
        return range.contains(0) ? 0.9 : 0.1;
      }
      // Nought is what most numbers are: no error, no flag, root.
      return range.single() && !range.contains(0) ? 0.02 : 0.5;
    }
    if (predicate.test() instanceof TextTest text && predicate.slot().text()) {
      List<String> guards =
          Stream.of(text.guards()).map(guard -> new String(guard, StandardCharsets.UTF_8)).toList();
      if (guards.isEmpty()) {
        return 0.9;
      }
      Glob.Shape shape = text instanceof Glob glob ? glob.shape() : Glob.Shape.CONTAINS;
      return switch (shape) {
        case EQUALS -> guards.get(0).isEmpty() ? 0.9 : Rarity.anchored(guards.get(0)) / 2;
        case PREFIX, SUFFIX -> Rarity.anchored(guards.get(0));
        default -> Math.min(0.9, Rarity.contained(guards));
      };
    }
    return 0.9;
  }
}
