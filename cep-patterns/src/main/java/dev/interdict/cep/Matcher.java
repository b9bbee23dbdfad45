package dev.interdict.cep;

import dev.interdict.schema.EventView;

/** Decides all rules of a set over one event at a time. One per thread. */
public final class Matcher {
  Matcher() {}

  /** Bitmap of the event kinds that any rule can fire on. */
  public long kinds() {
    throw new UnsupportedOperationException();
  }

  /** Clears {@code out} and fills it with the rules that the event satisfies. */
  public void match(EventView event, Hits out) {
    throw new UnsupportedOperationException();
  }
}
