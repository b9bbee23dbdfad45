package dev.interdict.bus.client;

import dev.interdict.schema.Presence;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The nodes as the backplane tells them. After a reconnection only what has changed meanwhile is
 * told to the watchers; what a node says of itself every second only to those who want that, too,
 * unless it is that it sees less, or more, than before. Event loop only.
 */
final class PresenceView {
  private final Map<String, Presence> nodes = new HashMap<>();
  private final List<Consumer<Presence>> watchers = new ArrayList<>();
  private final List<Consumer<Presence>> statusWatchers = new ArrayList<>();

  // While a new connection's list is being received: those not named in it so far.
  private Set<String> unconfirmed = Set.of();

  void add(Consumer<Presence> watcher) {
    watchers.add(watcher);
    nodes.values().forEach(watcher);
  }

  void addForStatus(Consumer<Presence> watcher) {
    statusWatchers.add(watcher);
    nodes.values().forEach(watcher);
  }

  void remove(Consumer<Presence> watcher) {
    watchers.remove(watcher);
    statusWatchers.remove(watcher);
  }

  void connected() {
    unconfirmed = new HashSet<>(nodes.keySet());
  }

  void listed() {
    Set<String> gone = unconfirmed;
    unconfirmed = Set.of();
    for (String id : gone) {
      changed(nodes.get(id).toBuilder().setConnected(false).build());
    }
  }

  /** False if the node only spoke of itself, or nothing is new. */
  boolean changed(Presence presence) {
    String id = presence.getNode().getId();
    if (!unconfirmed.isEmpty()) {
      unconfirmed.remove(id);
    }
    Presence before = presence.getConnected() ? nodes.put(id, presence) : nodes.remove(id);
    if (presence.equals(before) || (before == null && !presence.getConnected())) {
      return false;
    }
    List.copyOf(statusWatchers).forEach(watcher -> watcher.accept(presence));
    boolean other =
        before == null
            || !presence.getConnected()
            || !presence.getNode().equals(before.getNode())
            || !presence.getStatus().getUnseenList().equals(before.getStatus().getUnseenList());
    if (other) {
      List.copyOf(watchers).forEach(watcher -> watcher.accept(presence));
    }
    return other;
  }
}
