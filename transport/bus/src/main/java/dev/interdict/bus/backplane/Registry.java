package dev.interdict.bus.backplane;

import dev.interdict.bus.wire.Message;
import dev.interdict.bus.wire.MessageType;
import dev.interdict.bus.wire.WireException;
import dev.interdict.schema.Goodbye;
import dev.interdict.schema.Presence;
import io.netty.buffer.ByteBuf;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Who is connected. One lock orders what happens to a node and what is told about it, so that every
 * watcher sees the changes in the order in which they were.
 */
final class Registry {
  private static final long PROBE_MILLIS = 1500;

  private final Map<String, NodeSession> nodes = new HashMap<>();
  private final Set<ClientSession> watchers = new LinkedHashSet<>();
  private final Set<ClientSession> responders = new LinkedHashSet<>();

  /** The older of two holders of one id stays, if it answers; a dead one makes room. */
  synchronized void add(NodeSession node) {
    NodeSession older = nodes.putIfAbsent(node.id(), node);
    if (older != null) {
      older.connection().probe(PROBE_MILLIS);
      throw new WireException(
          Goodbye.Code.DUPLICATE_NODE,
          "node=" + node.id() + " is already connected from " + older.channel().remoteAddress());
    }
  }

  synchronized void remove(NodeSession node) {
    nodes.remove(node.id(), node);
  }

  synchronized NodeSession node(String id) {
    return nodes.get(id);
  }

  /** A departure is not told if the node is already back. */
  synchronized void announce(NodeSession node, boolean connected) {
    if (connected ? nodes.get(node.id()) != node : nodes.containsKey(node.id())) {
      return;
    }
    for (ClientSession watcher : watchers) {
      watcher.writeAndFlush(presence(watcher, node, connected));
    }
  }

  /** A watcher that is behind will hear the next one. */
  synchronized void tellStatus(NodeSession node) {
    if (nodes.get(node.id()) != node) {
      return;
    }
    for (ClientSession watcher : watchers) {
      if (watcher.channel().isWritable()) {
        watcher.writeAndFlush(presence(watcher, node, true));
      }
    }
  }

  synchronized void watch(ClientSession watcher) {
    if (!watchers.add(watcher)) {
      return;
    }
    for (NodeSession node : nodes.values()) {
      watcher.write(presence(watcher, node, true));
    }
    watcher.writeAndFlush(
        Message.of(
            watcher.channel().alloc(),
            MessageType.PRESENCE,
            Message.END_OF_LIST,
            0,
            Presence.getDefaultInstance()));
  }

  private static ByteBuf presence(ClientSession watcher, NodeSession node, boolean connected) {
    return Message.of(
        watcher.channel().alloc(), MessageType.PRESENCE, 0, presence(node, connected));
  }

  private static Presence presence(NodeSession node, boolean connected) {
    Presence.Builder presence = Presence.newBuilder().setNode(node.info()).setConnected(connected);
    if (node.status() != null) {
      presence.setStatus(node.status());
    }
    return presence.build();
  }

  synchronized List<Presence> presence() {
    return nodes.values().stream().map(node -> presence(node, true)).toList();
  }

  synchronized void serve(ClientSession responder) {
    responders.add(responder);
  }

  /** The one connected longest, or null. */
  synchronized ClientSession responder() {
    return responders.isEmpty() ? null : responders.iterator().next();
  }

  synchronized void remove(ClientSession client) {
    watchers.remove(client);
    responders.remove(client);
  }

  synchronized int nodeCount() {
    return nodes.size();
  }
}
