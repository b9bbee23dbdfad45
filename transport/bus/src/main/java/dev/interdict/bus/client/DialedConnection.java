package dev.interdict.bus.client;

import dev.interdict.bus.tls.Role;
import dev.interdict.bus.wire.Connection;
import dev.interdict.bus.wire.Counters;
import dev.interdict.bus.wire.Message;
import dev.interdict.bus.wire.MessageType;
import dev.interdict.bus.wire.Timeouts;
import dev.interdict.bus.wire.WireException;
import dev.interdict.schema.Goodbye;
import dev.interdict.schema.Hello;
import dev.interdict.schema.HelloAck;
import io.netty.buffer.ByteBuf;

/** One connection to a backplane. */
final class DialedConnection extends Connection {
  /** Called on the connection's event loop. */
  interface Listener {
    void onReady(DialedConnection connection);

    void onMessage(DialedConnection connection, MessageType type, ByteBuf message);

    default void onDrained() {}

    default void onWritabilityChanged() {}

    /** Only after onReady. */
    void onLost(DialedConnection connection);
  }

  /** Called once, whether the connection had been ready or not. */
  @FunctionalInterface
  interface End {
    void ended(boolean wasReady, String why);
  }

  private final Hello hello;
  private final Listener listener;
  private final End end;
  private boolean wasReady;

  DialedConnection(Timeouts timeouts, Counters counters, Hello hello, Listener listener, End end) {
    super(timeouts, counters);
    this.hello = hello;
    this.listener = listener;
    this.end = end;
  }

  @Override
  protected void onSecured() {
    if (peer().role() != Role.BACKPLANE) {
      throw new WireException(
          Goodbye.Code.FORBIDDEN, "expected a backplane, the certificate names " + peer());
    }
    writeAndFlush(Message.of(channel().alloc(), MessageType.HELLO, 0, hello));
  }

  @Override
  protected void onGreeting(MessageType type, ByteBuf message) {
    if (type != MessageType.HELLO_ACK) {
      throw WireException.protocol("expected HELLO_ACK, got " + type);
    }
    int protocol = Message.parse(message, HelloAck.parser()).getProtocol();
    if (protocol < Message.MIN_PROTOCOL || protocol > Message.PROTOCOL) {
      throw new WireException(
          Goodbye.Code.VERSION,
          "backplane chose protocol=" + protocol + ", newest here=" + Message.PROTOCOL);
    }
    greeted(protocol);
    wasReady = true;
    listener.onReady(this);
  }

  @Override
  protected void onMessage(MessageType type, ByteBuf message) {
    listener.onMessage(this, type, message);
  }

  @Override
  protected void onDrained() {
    if (wasReady) {
      listener.onDrained();
    }
  }

  @Override
  protected void onWritabilityChanged() {
    if (wasReady) {
      listener.onWritabilityChanged();
    }
  }

  @Override
  protected void onClosed(String why) {
    if (wasReady) {
      listener.onLost(this);
    }
    end.ended(wasReady, why);
  }
}
