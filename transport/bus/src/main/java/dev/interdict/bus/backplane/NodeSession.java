package dev.interdict.bus.backplane;

import dev.interdict.bus.wire.Connection;
import dev.interdict.bus.wire.FrameCheck;
import dev.interdict.bus.wire.Message;
import dev.interdict.bus.wire.MessageType;
import dev.interdict.bus.wire.WireException;
import dev.interdict.record.FrameHeader;
import dev.interdict.record.NodeId;
import dev.interdict.schema.Goodbye;
import dev.interdict.schema.NodeInfo;
import dev.interdict.schema.NodeStatus;
import dev.interdict.schema.StreamEnd;
import dev.interdict.schema.Subscribe;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A connected node: the source of relays and the answerer of commands. */
final class NodeSession extends Session {
  private static final int COPIED = 2048;
  private static final long STATUS_INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  private final Registry registry;
  private final NodeInfo info;
  private final NodeId id;
  private final BackplaneCounters counters;
  private final FrameCheck frameCheck = new FrameCheck();
  private final AtomicInteger streams = new AtomicInteger();
  private final Map<Integer, Relay> relays = new ConcurrentHashMap<>();
  private final Exchanges commands;
  private final List<ClientSession> toFlush = new ArrayList<>();
  private final TokenBucket rate;
  private volatile NodeStatus status;
  private long statusToldNanos = System.nanoTime() - STATUS_INTERVAL_NANOS;
  private volatile boolean gone;

  NodeSession(
      Connection connection,
      Registry registry,
      NodeInfo info,
      BackplaneCounters counters,
      long bytesPerSecond) {
    super(connection);
    this.registry = registry;
    this.info = info;
    this.id = parse(info.getId(), connection);
    this.counters = counters;
    this.commands = new Exchanges(connection, streams);
    this.rate = new TokenBucket(bytesPerSecond, System.nanoTime());
  }

  private static NodeId parse(String text, Connection connection) {
    if (!text.equals(connection.peer().id())) {
      throw new WireException(
          Goodbye.Code.FORBIDDEN,
          "hello names node=" + text + " but the certificate names " + connection.peer());
    }
    try {
      return NodeId.parse(text);
    } catch (IllegalArgumentException e) {
      throw new WireException(Goodbye.Code.PROTOCOL, e.getMessage(), e);
    }
  }

  String id() {
    return info.getId();
  }

  NodeInfo info() {
    return info;
  }

  TokenBucket rate() {
    return rate;
  }

  /** As of now; null before it was told. */
  NodeStatus status() {
    return status;
  }

  Exchanges commands() {
    return commands;
  }

  /** Consumer's event loop. Null if the node has just gone. */
  Relay open(ClientSession consumer, int consumerStream, Subscribe request, long maxCredit) {
    int stream = streams.addAndGet(2);
    Relay relay = new Relay(consumer, consumerStream, this, stream, request.getCredit(), maxCredit);
    relays.put(stream, relay);
    if (gone && relay.end()) {
      relays.remove(stream);
      return null;
    }
    writeAndFlush(Message.of(channel().alloc(), MessageType.SUBSCRIBE, stream, request));
    return relay;
  }

  /** The consumer has no more interest. */
  void cancel(Relay relay) {
    relays.remove(relay.nodeStream);
    writeAndFlush(Message.of(channel().alloc(), MessageType.UNSUBSCRIBE, relay.nodeStream));
  }

  @Override
  void onMessage(MessageType type, ByteBuf message) {
    switch (type) {
      case FRAME -> onFrame(message);
      case PROGRESS -> {
        Relay relay = relay(message);
        if (relay != null) {
          if ((Message.flags(message) & Message.END_OF_BATCH) != 0) {
            relay.endOfBatch();
          }
          pass(relay, message);
        }
      }
      case SUBSCRIBED -> {
        Relay relay = relay(message);
        if (relay != null) {
          pass(relay, message);
        }
      }
      case STREAM_END -> {
        Relay relay = relays.remove(Message.stream(message));
        if (relay != null && relay.end()) {
          pass(relay, message);
          relay.consumer.forget(relay);
        }
      }
      case NODE_STATUS -> {
        status = Message.parse(message, NodeStatus.parser());
        // It is passed on to every watcher: however often a node speaks, not more often than this.
        long now = System.nanoTime();
        if (now - statusToldNanos >= STATUS_INTERVAL_NANOS) {
          statusToldNanos = now;
          registry.tellStatus(this);
        }
      }
      case COMMAND_RESULT -> commands.answered(message);
      default -> throw WireException.protocol("unexpected type=" + type + " from a node");
    }
  }

  private void onFrame(ByteBuf message) {
    FrameHeader header = frameCheck.headerAndChecksum(message);
    if (header.nodeHi() != id.hi() || header.nodeLo() != id.lo()) {
      throw new WireException(
          Goodbye.Code.FORBIDDEN,
          "invalid frame: node=" + header.node() + " but the certificate names " + peer());
    }
    Relay relay = relay(message);
    if (relay == null) {
      return;
    }
    int length = Message.payloadLength(message);
    relay.spend(length, (Message.flags(message) & Message.END_OF_BATCH) != 0);
    counters.frames.increment();
    counters.frameBytes.add(length);
    pass(relay, message);
  }

  /** Null for what was on its way while the consumer left. */
  private Relay relay(ByteBuf message) {
    Relay relay = relays.get(Message.stream(message));
    if (relay == null) {
      counters.orphans.increment();
    }
    return relay;
  }

  private void pass(Relay relay, ByteBuf message) {
    Message.setStream(message, relay.consumerStream);
    relay.live((Message.flags(message) & Message.LIVE) != 0);
    relay.consumer.pass(relay, kept(message));
    if (!toFlush.contains(relay.consumer)) {
      toFlush.add(relay.consumer);
    }
  }

  /** A small message that waits must not hold the large buffer that it came in. */
  private ByteBuf kept(ByteBuf message) {
    int length = message.readableBytes();
    return length > COPIED
        ? message.retain()
        : channel().alloc().buffer(length).writeBytes(message);
  }

  @Override
  void onDrained() {
    for (int i = 0; i < toFlush.size(); i++) {
      toFlush.get(i).outlet().wake();
    }
    toFlush.clear();
  }

  @Override
  void onClosed(String why) {
    gone = true;
    registry.remove(this);
    onDrained();
    for (Relay relay : relays.values()) {
      if (relay.end()) {
        relay.consumer.forget(relay);
        relay.tellConsumer(StreamEnd.Code.NODE_GONE, "node " + id() + " disconnected: " + why);
      }
    }
    relays.clear();
    commands.close();
    registry.announce(this, false);
  }
}
