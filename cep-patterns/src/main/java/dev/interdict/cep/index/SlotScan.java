package dev.interdict.cep.index;

import dev.interdict.schema.EventView;
import dev.interdict.schema.Field;

/** All literals that are looked for in one text slot. */
final class SlotScan {
  private static final byte[] EMPTY = {};

  private final Slot slot;
  private final boolean list;
  private final Automaton starts;
  private final Automaton ends;
  private final Automaton inside;

  private SlotScan(Slot slot, Automaton starts, Automaton ends, Automaton inside) {
    this.slot = slot;
    this.list = slot.field().type() == Field.Type.STRINGS;
    this.starts = starts;
    this.ends = ends;
    this.inside = inside;
  }

  static final class Builder {
    private final Slot slot;
    private final Automaton.Builder starts = new Automaton.Builder();
    private final Automaton.Builder ends = new Automaton.Builder();
    private final Automaton.Builder inside = new Automaton.Builder();

    Builder(Slot slot) {
      this.slot = slot;
    }

    /** The predicate is touched when a guard is found where its shape wants it. */
    void add(int predicate, TextTest test) {
      Glob.Shape shape = test instanceof Glob glob ? glob.shape() : Glob.Shape.CONTAINS;
      for (byte[] guard : test.guards()) {
        add(predicate, shape, guard);
      }
    }

    private void add(int predicate, Glob.Shape shape, byte[] guard) {
      switch (shape) {
        case EQUALS -> ends.add(guard, true, predicate << 1 | 1);
        case SUFFIX -> ends.add(guard, true, predicate << 1);
        case PREFIX -> starts.add(guard, false, predicate);
        default -> inside.add(guard, false, predicate);
      }
    }

    SlotScan build() {
      return new SlotScan(
          slot,
          starts.isEmpty() ? null : starts.trie(),
          ends.isEmpty() ? null : ends.trie(),
          inside.isEmpty() ? null : inside.search());
    }
  }

  void run(EventView event, Evaluation evaluation) {
    Field field = slot.field();
    if (!list) {
      int length = event.length(field);
      if (length < 0) {
        scan(EMPTY, 0, 0, evaluation);
      } else {
        scan(event.array(field), event.start(field), length, evaluation);
      }
      return;
    }
    int count = event.count(field);
    int first = slot.element() == Slot.ANY ? 0 : slot.element();
    int last = slot.element() == Slot.ANY ? count : Math.min(first + 1, count);
    if (first >= last) {
      scan(EMPTY, 0, 0, evaluation);
    }
    for (int i = first; i < last; i++) {
      int length = event.length(field, i);
      scan(event.array(field), event.start(field, i), length, evaluation);
    }
  }

  private void scan(byte[] array, int offset, int length, Evaluation evaluation) {
    if (ends != null) {
      ends.suffixes(array, offset, length, evaluation);
    }
    if (starts != null) {
      starts.prefixes(array, offset, length, evaluation);
    }
    if (inside != null) {
      inside.search(array, offset, length, evaluation);
    }
  }
}
