package dev.interdict.bus.backplane;

import dev.interdict.bus.tls.Role;
import dev.interdict.bus.wire.Connection;
import dev.interdict.bus.wire.Message;
import dev.interdict.bus.wire.MessageType;
import dev.interdict.bus.wire.WireException;
import dev.interdict.schema.Goodbye;
import dev.interdict.schema.Hello;
import dev.interdict.schema.HelloAck;
import io.netty.buffer.ByteBuf;

/**
 * A peer that dialed in: greets it and gives it the session that its certificate entitles it to.
 */
final class PeerConnection extends Connection {
  private static final int MAX_NAME_LENGTH = 128;

  private final BackplaneConfig config;
  private final Registry registry;
  private final BackplaneCounters counters;
  private final FairShare share;
  private volatile Session session;

  PeerConnection(
      BackplaneConfig config, Registry registry, BackplaneCounters counters, FairShare share) {
    super(config.timeouts(), counters.connections);
    this.config = config;
    this.registry = registry;
    this.counters = counters;
    this.share = share;
  }

  @Override
  protected void onSecured() {
    if (peer().role() == Role.BACKPLANE) {
      throw new WireException(Goodbye.Code.FORBIDDEN, "role of " + peer() + " may not dial in");
    }
  }

  @Override
  protected void onGreeting(MessageType type, ByteBuf message) {
    if (type != MessageType.HELLO) {
      throw WireException.protocol("expected HELLO, got " + type);
    }
    Hello hello = Message.parse(message, Hello.parser());
    if (hello.getProtocol() < Message.MIN_PROTOCOL) {
      throw new WireException(
          Goodbye.Code.VERSION,
          "protocol="
              + Integer.toUnsignedString(hello.getProtocol())
              + " is not spoken here, oldest="
              + Message.MIN_PROTOCOL
              + " newest="
              + Message.PROTOCOL);
    }
    NodeSession node = null;
    if (peer().role() == Role.NODE) {
      node =
          new NodeSession(
              this, registry, hello.getNode(), counters, config.limits().nodeBytesPerSecond());
      registry.add(node);
      session = node;
    } else {
      if (hello.getConsumer().length() > MAX_NAME_LENGTH) {
        throw new WireException(
            Goodbye.Code.LIMIT,
            "invalid consumer.length="
                + hello.getConsumer().length()
                + " limit="
                + MAX_NAME_LENGTH);
      }
      session = new ClientSession(this, config, registry, counters, share, hello.getConsumer());
    }
    int protocol = Math.min(hello.getProtocol(), Message.PROTOCOL);
    greeted(protocol);
    writeAndFlush(
        Message.of(
            channel().alloc(),
            MessageType.HELLO_ACK,
            0,
            HelloAck.newBuilder()
                .setProtocol(protocol)
                .setInstance(config.identity().id())
                .build()));
    if (node != null) {
      registry.announce(node, true);
    }
  }

  @Override
  protected void onMessage(MessageType type, ByteBuf message) {
    Rights.check(peer(), type);
    session.onMessage(type, message);
  }

  /** Any thread; null if this is no client, or not yet. */
  ClientState clientState() {
    return session instanceof ClientSession client ? client.state() : null;
  }

  @Override
  protected void onDrained() {
    if (session != null) {
      session.onDrained();
    }
  }

  @Override
  protected void onWritabilityChanged() {
    if (session != null) {
      session.onWritabilityChanged();
    }
  }

  @Override
  protected void onClosed(String why) {
    if (session != null) {
      session.onClosed(why);
    }
  }
}
