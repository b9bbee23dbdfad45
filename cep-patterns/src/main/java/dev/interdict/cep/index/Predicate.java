package dev.interdict.cep.index;

import dev.interdict.schema.EventView;

/** One comparison; equal ones of different rules are evaluated once per event. */
public record Predicate(Slot slot, Test test) {
  public boolean matches(EventView event) {
    if (test instanceof TextTest text) {
      return slot.matches(event, text);
    } else if (test instanceof Range range) {
      return slot.matches(event, range);
    } else if (test instanceof SameAs same) {
      return slot.matches(event, same);
    }
    return slot.present(event);
  }

  @Override
  public String toString() {
    return slot + " " + test;
  }
}
