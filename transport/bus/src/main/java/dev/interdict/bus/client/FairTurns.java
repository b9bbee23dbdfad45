package dev.interdict.bus.client;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Work of several owners, a slice in turn: an owner of many gets no more than an owner of one. One
 * thread.
 */
final class FairTurns<T> {
  /** What has come of a slice. */
  enum Outcome {
    USED_UP, // there is more to do
    IDLE, // nothing to do now
    GONE // not to be served here any more
  }

  private final Function<T, String> owner;
  private final Map<String, Deque<T>> owners = new LinkedHashMap<>();

  FairTurns(Function<T, String> owner) {
    this.owner = owner;
  }

  void add(T work) {
    owners.computeIfAbsent(owner.apply(work), name -> new ArrayDeque<>()).add(work);
  }

  /** One whole slice for each owner that has something to do; true if any has more. */
  boolean round(Function<T, Outcome> slice) {
    boolean more = false;
    for (Iterator<Deque<T>> turns = owners.values().iterator(); turns.hasNext(); ) {
      Deque<T> queue = turns.next();
      more |= turn(queue, slice);
      if (queue.isEmpty()) {
        turns.remove();
      }
    }
    return more;
  }

  private boolean turn(Deque<T> queue, Function<T, Outcome> slice) {
    for (int left = queue.size(); left > 0; left--) {
      T work = queue.pollFirst();
      Outcome outcome = slice.apply(work);
      if (outcome != Outcome.GONE) {
        queue.addLast(work);
      }
      if (outcome == Outcome.USED_UP) {
        return true;
      }
    }
    return false;
  }

  void forEach(Consumer<T> action) {
    for (Deque<T> queue : owners.values()) {
      queue.forEach(action);
    }
  }

  void clear() {
    owners.clear();
  }
}
