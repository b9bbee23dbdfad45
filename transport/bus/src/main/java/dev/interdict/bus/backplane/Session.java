package dev.interdict.bus.backplane;

import dev.interdict.bus.tls.PeerName;
import dev.interdict.bus.wire.Connection;
import dev.interdict.bus.wire.MessageType;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;

/** What a greeted peer does on its connection. Callbacks run on the connection's event loop. */
abstract class Session {
  private final Connection connection;

  Session(Connection connection) {
    this.connection = connection;
  }

  abstract void onMessage(MessageType type, ByteBuf message);

  void onDrained() {}

  void onWritabilityChanged() {}

  abstract void onClosed(String why);

  final Connection connection() {
    return connection;
  }

  final PeerName peer() {
    return connection.peer();
  }

  final Channel channel() {
    return connection.channel();
  }

  final void write(ByteBuf message) {
    connection.write(message);
  }

  final void writeAndFlush(ByteBuf message) {
    connection.writeAndFlush(message);
  }
}
