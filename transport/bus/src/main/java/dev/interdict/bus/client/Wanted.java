package dev.interdict.bus.client;

import dev.interdict.schema.Scope;
import java.util.List;

/**
 * What all subscriptions of a node together need it to observe, for the filters in the kernel. A
 * subscription that only asks for what has been is not among them.
 */
public record Wanted(List<Interest> interests) {
  /**
   * Of one subscription. A scope that is empty stands for everything of the kinds.
   *
   * @param kinds all of them: whatever the node observes anyway
   * @param distinct kinds of which each observation is wanted by itself
   */
  public record Interest(long kinds, Scope scope, long distinct) {
    public Interest(long kinds, Scope scope) {
      this(kinds, scope, 0);
    }
  }

  public static final Wanted NOTHING = new Wanted(List.of());

  public Wanted {
    interests = List.copyOf(interests);
  }

  /** The union, as a bit map of {@link dev.interdict.schema.Kinds}. */
  public long kinds() {
    long union = 0;
    for (Interest interest : interests) {
      union |= interest.kinds();
    }
    return union;
  }
}
