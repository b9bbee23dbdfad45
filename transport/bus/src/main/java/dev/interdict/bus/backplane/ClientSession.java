package dev.interdict.bus.backplane;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.interdict.bus.wire.Connection;
import dev.interdict.bus.wire.Message;
import dev.interdict.bus.wire.MessageType;
import dev.interdict.bus.wire.WireException;
import dev.interdict.schema.Acknowledge;
import dev.interdict.schema.Alert;
import dev.interdict.schema.AlertAck;
import dev.interdict.schema.Command;
import dev.interdict.schema.CommandResult;
import dev.interdict.schema.Credit;
import dev.interdict.schema.Goodbye;
import dev.interdict.schema.PublishAlert;
import dev.interdict.schema.SendCommand;
import dev.interdict.schema.StreamEnd;
import dev.interdict.schema.Subscribe;
import io.netty.buffer.ByteBuf;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** A connected consumer, responder or administrator. */
final class ClientSession extends Session {
  private final BackplaneConfig config;
  private final Registry registry;
  private final BackplaneCounters counters;
  private final String name;
  private final Map<Integer, Relay> relays = new ConcurrentHashMap<>();
  private final Exchanges alerts;
  private final Outlet outlet;

  ClientSession(
      Connection connection,
      BackplaneConfig config,
      Registry registry,
      BackplaneCounters counters,
      FairShare share,
      String consumerName) {
    super(connection);
    this.config = config;
    this.registry = registry;
    this.counters = counters;
    this.name = connection.peer().id() + "/" + consumerName;
    this.alerts = new Exchanges(connection, new AtomicInteger());
    this.outlet =
        new Outlet(
            connection.channel(),
            share,
            new TokenBucket(config.limits().consumerBytesPerSecond(), System.nanoTime()),
            counters);
  }

  @Override
  void onMessage(MessageType type, ByteBuf message) {
    int stream = Message.stream(message);
    switch (type) {
      case WATCH_PRESENCE -> registry.watch(this);
      case SUBSCRIBE -> subscribe(stream, Message.parse(message, Subscribe.parser()));
      case CREDIT -> {
        Relay relay = relays.get(stream);
        if (relay != null) {
          relay.grant(Message.parse(message, Credit.parser()).getBytes(), channel().isWritable());
        }
      }
      case RENEW -> {
        Relay relay = relays.get(stream);
        if (relay != null) {
          relay.renew();
        }
      }
      case ACKNOWLEDGE -> {
        Relay relay = relays.get(stream);
        if (relay != null) {
          relay.acknowledge(Message.parse(message, Acknowledge.parser()));
        }
      }
      case UNSUBSCRIBE -> {
        Relay relay = relays.remove(stream);
        if (relay != null) {
          relay.discard();
          if (relay.end()) {
            relay.node.cancel(relay);
          }
        }
      }
      case PUBLISH_ALERT -> publish(stream, message);
      case SERVE_ALERTS -> registry.serve(this);
      case ALERT_ACK -> alerts.answered(message);
      case SEND_COMMAND -> send(stream, message);
      default -> throw WireException.protocol("unexpected type=" + type + " from " + peer());
    }
  }

  private void subscribe(int stream, Subscribe request) {
    if (relays.containsKey(stream)) {
      throw WireException.protocol("stream=" + stream + " is in use");
    }
    long credit = request.getCredit();
    if (credit < 0 || credit > config.maxCredit()) {
      end(
          stream,
          StreamEnd.Code.REFUSED,
          "invalid credit=" + Long.toUnsignedString(credit) + " limit=" + config.maxCredit());
      return;
    }
    if (relays.size() >= config.maxStreams()) {
      end(stream, StreamEnd.Code.REFUSED, "too many streams, limit=" + config.maxStreams());
      return;
    }
    NodeSession node = registry.node(request.getNode());
    Relay relay =
        node == null
            ? null
            : node.open(
                this, stream, request.toBuilder().setConsumer(name).build(), config.maxCredit());
    if (relay == null) {
      end(stream, StreamEnd.Code.NODE_GONE, "node " + request.getNode() + " is not connected");
      return;
    }
    relays.put(stream, relay);
    if (relay.hasEnded()) {
      relays.remove(stream, relay);
    }
  }

  private void end(int stream, StreamEnd.Code code, String why) {
    writeAndFlush(
        Message.of(
            channel().alloc(),
            MessageType.STREAM_END,
            stream,
            StreamEnd.newBuilder().setCode(code).setMessage(why).build()));
  }

  ClientState state() {
    long credit = 0;
    int streams = 0;
    for (Relay relay : relays.values()) {
      credit += relay.credit();
      streams++;
    }
    return new ClientState(name, streams, outlet.queued(0), credit);
  }

  Outlet outlet() {
    return outlet;
  }

  /** Node's event loop. Takes over the message, which is sent when it is the stream's turn. */
  void pass(Relay relay, ByteBuf message) {
    long queued = outlet.queued(message.readableBytes());
    if (relay.offer(message)) {
      outlet.arrived(relay);
    }
    if (queued > config.limits().maxQueuedBytes()) {
      overflow(relay, queued);
    }
  }

  /** It asks again from its position, which is cheaper than to hold it all here. */
  private void overflow(Relay relay, long queued) {
    if (!relay.end()) {
      return;
    }
    counters.overflows.increment();
    relays.remove(relay.consumerStream, relay);
    relay.discard();
    relay.node.cancel(relay);
    end(
        relay.consumerStream,
        StreamEnd.Code.NODE_GONE,
        "queuedBytes="
            + queued
            + " for "
            + name
            + " limit="
            + config.limits().maxQueuedBytes()
            + ": ask again when there is room");
  }

  /** The node has ended it. */
  void forget(Relay relay) {
    relays.remove(relay.consumerStream, relay);
  }

  private void publish(int stream, ByteBuf message) {
    counters.alerts.increment();
    String id = alertId(Message.parse(message, PublishAlert.parser()));
    ClientSession responder = registry.responder();
    if (responder == null) {
      writeAndFlush(
          Message.of(
              channel().alloc(),
              MessageType.ALERT_ACK,
              stream,
              AlertAck.newBuilder()
                  .setAlertId(id)
                  .setError("no responder is connected")
                  .setNoResponder(true)
                  .build()));
      return;
    }
    responder.alerts.ask(
        message.retain(),
        connection(),
        config.alertTimeout(),
        why -> notAcknowledged(stream, id, why));
  }

  private static String alertId(PublishAlert request) {
    try {
      return Alert.parseFrom(request.getAlert()).getId();
    } catch (InvalidProtocolBufferException e) {
      throw new WireException(Goodbye.Code.PROTOCOL, "malformed alert: " + e.getMessage(), e);
    }
  }

  private ByteBuf notAcknowledged(int stream, String alertId, String why) {
    return Message.of(
        channel().alloc(),
        MessageType.ALERT_ACK,
        stream,
        AlertAck.newBuilder().setAlertId(alertId).setError(why).build());
  }

  private void send(int stream, ByteBuf message) {
    counters.commands.increment();
    SendCommand request = Message.parse(message, SendCommand.parser());
    String id = commandId(request);
    NodeSession node = registry.node(request.getNode());
    if (node == null) {
      writeAndFlush(unreachable(stream, id, "node " + request.getNode() + " is not connected"));
      return;
    }
    node.commands()
        .ask(
            message.retain(),
            connection(),
            config.commandTimeout(),
            why -> unreachable(stream, id, why));
  }

  private static String commandId(SendCommand request) {
    try {
      return Command.parseFrom(request.getCommand().getCommand()).getId();
    } catch (InvalidProtocolBufferException e) {
      throw new WireException(
          Goodbye.Code.PROTOCOL,
          "malformed command for node=" + request.getNode() + ": " + e.getMessage(),
          e);
    }
  }

  private ByteBuf unreachable(int stream, String commandId, String why) {
    return Message.of(
        channel().alloc(),
        MessageType.COMMAND_RESULT,
        stream,
        CommandResult.newBuilder()
            .setCommandId(commandId)
            .setStatus(CommandResult.Status.UNREACHABLE)
            .setMessage(why)
            .build());
  }

  @Override
  void onWritabilityChanged() {
    if (channel().isWritable()) {
      relays.values().forEach(Relay::release);
      outlet.wake();
    }
  }

  @Override
  void onClosed(String why) {
    registry.remove(this);
    for (Relay relay : relays.values()) {
      relay.discard();
      if (relay.end()) {
        relay.node.cancel(relay);
      }
    }
    outlet.close();
    relays.clear();
    alerts.close();
  }
}
