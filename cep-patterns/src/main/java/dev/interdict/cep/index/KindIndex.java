package dev.interdict.cep.index;

import dev.interdict.cep.Hits;
import dev.interdict.schema.EventView;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * All rules that can fire on one kind of event. Immutable; {@link #newEvaluator} per thread.
 *
 * <p>The literals that make rules candidates are looked for in every event, together. Those that
 * only decide a candidate are looked for, again together, when the first candidate asks.
 */
public final class KindIndex {
  static final int EARLY = -1; // decided by the early scans
  static final int DIRECT = -2; // tested by itself when asked

  final SlotScan[] earlyScans;
  final SlotScan[] lateScans;
  final NumberScan[] numberScans;
  final int[] alwaysTested;
  final int[] alwaysAsked;
  final Predicate[] predicates;
  final boolean[] exact;
  final int[] where; // EARLY, DIRECT or the late scan
  final int[][] rulesOf;
  final Condition[] conditions;
  final int[] ruleIds;

  /**
   * @param rules what each rule demands of an event of this kind, by the rule's index
   */
  public KindIndex(Map<Integer, Expression> rules) {
    Map<Predicate, Integer> numbers = new LinkedHashMap<>();
    List<Set<Integer>> needed = new ArrayList<>();
    List<Integer> always = new ArrayList<>();
    conditions = new Condition[rules.size()];
    ruleIds = new int[rules.size()];
    int rule = 0;
    for (Map.Entry<Integer, Expression> entry : rules.entrySet()) {
      ruleIds[rule] = entry.getKey();
      conditions[rule] = number(entry.getValue(), numbers);
      while (needed.size() < numbers.size()) {
        needed.add(new HashSet<>());
      }
      Triggers triggers = Triggers.of(entry.getValue());
      if (triggers == null) {
        always.add(rule);
      } else {
        for (Predicate predicate : triggers.predicates()) {
          needed.get(numbers.get(predicate)).add(rule);
        }
      }
      rule++;
    }
    alwaysAsked = ints(always);
    predicates = numbers.keySet().toArray(Predicate[]::new);
    rulesOf = needed.stream().map(KindIndex::ints).toArray(int[][]::new);
    exact = new boolean[predicates.length];
    where = new int[predicates.length];

    Map<Slot, SlotScan.Builder> early = new LinkedHashMap<>();
    Map<Slot, SlotScan.Builder> late = new LinkedHashMap<>();
    Map<Slot, Map<Long, List<Integer>>> values = new LinkedHashMap<>();
    List<Integer> tested = new ArrayList<>();
    for (int i = 0; i < predicates.length; i++) {
      place(i, early, late, values, tested);
    }
    earlyScans = build(early);
    lateScans = build(late);
    numberScans =
        values.entrySet().stream()
            .map(entry -> new NumberScan(entry.getKey(), entry.getValue()))
            .toArray(NumberScan[]::new);
    alwaysTested = ints(tested);
  }

  private void place(
      int predicate,
      Map<Slot, SlotScan.Builder> early,
      Map<Slot, SlotScan.Builder> late,
      Map<Slot, Map<Long, List<Integer>>> values,
      List<Integer> tested) {
    Slot slot = predicates[predicate].slot();
    boolean trigger = rulesOf[predicate].length > 0;
    if (predicates[predicate].test() instanceof TextTest text && scannable(slot, text)) {
      exact[predicate] = text instanceof Glob glob && glob.exact();
      if (trigger) {
        where[predicate] = EARLY;
        early.computeIfAbsent(slot, SlotScan.Builder::new).add(predicate, text);
      } else {
        SlotScan.Builder scan = late.computeIfAbsent(slot, SlotScan.Builder::new);
        where[predicate] = List.copyOf(late.keySet()).indexOf(slot);
        scan.add(predicate, text);
      }
      return;
    }
    if (trigger
        && predicates[predicate].test() instanceof Range range
        && range.single()
        && slot.field().type() != dev.interdict.schema.Field.Type.LONGS) {
      where[predicate] = EARLY;
      exact[predicate] = true;
      values
          .computeIfAbsent(slot, key -> new HashMap<>())
          .computeIfAbsent(range.min(), key -> new ArrayList<>())
          .add(predicate);
      return;
    }
    where[predicate] = DIRECT;
    if (trigger) {
      tested.add(predicate);
    }
  }

  /** Without a literal to look for there is nothing to scan. */
  private static boolean scannable(Slot slot, TextTest test) {
    return slot.text() && test.guards().length > 0;
  }

  private static SlotScan[] build(Map<Slot, SlotScan.Builder> builders) {
    return builders.values().stream().map(SlotScan.Builder::build).toArray(SlotScan[]::new);
  }

  private static int[] ints(java.util.Collection<Integer> values) {
    return values.stream().mapToInt(Integer::intValue).sorted().toArray();
  }

  private static Condition number(Expression expression, Map<Predicate, Integer> numbers) {
    if (expression instanceof Expression.Match match) {
      Integer number = numbers.get(match.predicate());
      if (number == null) {
        number = numbers.size();
        numbers.put(match.predicate(), number);
      }
      return new Condition.Leaf(number);
    } else if (expression instanceof Expression.Not not) {
      return new Condition.Negation(number(not.operand(), numbers));
    } else if (expression instanceof Expression.And and) {
      return new Condition.All(all(and.operands(), numbers));
    } else if (expression instanceof Expression.Or or) {
      return new Condition.Any(all(or.operands(), numbers));
    }
    Condition always = new Condition.Always();
    return expression.equals(Expression.TRUE) ? always : new Condition.Negation(always);
  }

  /** What costs little is asked first. */
  private static Condition[] all(List<Expression> operands, Map<Predicate, Integer> numbers) {
    return operands.stream()
        .sorted(java.util.Comparator.comparingInt(KindIndex::cost))
        .map(operand -> number(operand, numbers))
        .toArray(Condition[]::new);
  }

  private static int cost(Expression expression) {
    if (expression instanceof Expression.Match match) {
      return match.predicate().test() instanceof Regex ? 1000 : 1;
    } else if (expression instanceof Expression.Not not) {
      return cost(not.operand());
    } else if (expression instanceof Expression.And and) {
      return and.operands().stream().mapToInt(KindIndex::cost).sum();
    }
    return expression instanceof Expression.Or or
        ? or.operands().stream().mapToInt(KindIndex::cost).sum()
        : 0;
  }

  int predicateCount() {
    return predicates.length;
  }

  int ruleCount() {
    return conditions.length;
  }

  public Evaluator newEvaluator() {
    return new Evaluator(new Evaluation(this));
  }

  /** Decides the rules of this kind for one thread. */
  public static final class Evaluator {
    private final Evaluation evaluation;

    private Evaluator(Evaluation evaluation) {
      this.evaluation = evaluation;
    }

    /** Adds the rules that the event satisfies. */
    public void match(EventView event, Hits out) {
      evaluation.run(event, out);
    }
  }
}
