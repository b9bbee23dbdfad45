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
 * told to the watchers. Event loop only.
 */
final class PresenceView {
  private final Map<String, Presence> nodes = new HashMap<>();
  private final List<Consumer<Presence>> watchers = new ArrayList<>();

  // While a new connection's list is being received: those not named in it so far.
  private Set<String> unconfirmed = Set.of();

  void add(Consumer<Presence> watcher) {
    watchers.add(watcher);
    nodes.values().forEach(watcher);
  }

  void remove(Consumer<Presence> watcher) {
    watchers.remove(watcher);
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

  void changed(Presence presence) {
    String id = presence.getNode().getId();
    if (!unconfirmed.isEmpty()) {
      unconfirmed.remove(id);
    }
    if (presence.getConnected()) {
      if (presence.equals(nodes.put(id, presence))) {
        return;
      }
    } else if (nodes.remove(id) == null) {
      return;
    }
    for (Consumer<Presence> watcher : List.copyOf(watchers)) {
      watcher.accept(presence);
    }
  }
}
