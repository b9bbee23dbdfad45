package dev.interdict.cep;

import dev.interdict.cep.index.KindIndex;
import dev.interdict.schema.EventView;

/** Decides all rules of a set over one event at a time. One per thread. */
public final class Matcher {
  private final KindIndex.Evaluator[] byKind;
  private final long kinds;

  Matcher(KindIndex[] indexes, long kinds) {
    this.kinds = kinds;
    byKind = new KindIndex.Evaluator[indexes.length];
    for (int kind = 0; kind < indexes.length; kind++) {
      byKind[kind] = indexes[kind] == null ? null : indexes[kind].newEvaluator();
    }
  }

  /** Bitmap of the event kinds that any rule can fire on. */
  public long kinds() {
    return kinds;
  }

  /** Clears {@code out} and fills it with the rules that the event satisfies. */
  public void match(EventView event, Hits out) {
    out.clear();
    int kind = event.kind();
    if (kind >= 0 && kind < byKind.length && byKind[kind] != null) {
      byKind[kind].match(event, out);
    }
  }
}
