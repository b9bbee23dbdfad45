package dev.interdict.bus.client;

import dev.interdict.bus.tls.CurrentTls;
import dev.interdict.bus.tls.IdentitySource;
import dev.interdict.bus.tls.PeerName;
import dev.interdict.bus.tls.Role;
import dev.interdict.bus.wire.Counters;
import dev.interdict.bus.wire.Message;
import dev.interdict.bus.wire.MessageType;
import dev.interdict.bus.wire.WireException;
import dev.interdict.record.Recorder;
import dev.interdict.schema.Credit;
import dev.interdict.schema.Hello;
import dev.interdict.schema.NodeInfo;
import dev.interdict.schema.SendCommand;
import dev.interdict.schema.StreamEnd;
import dev.interdict.schema.Subscribe;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * A node's side of the bus: announces the node on every backplane and serves subscriptions from its
 * recorder. Close it before the recorder.
 */
public final class NodeLink implements AutoCloseable {
  private static final long SHUTDOWN_MILLIS = 2000;

  private final Recorder recorder;
  private final Counters counters = new Counters();
  private final AtomicBoolean closed = new AtomicBoolean();
  private final AtomicInteger ready = new AtomicInteger();
  private final ServeLoop history = new ServeLoop("interdict-serve-history");
  private final ServeLoop live = new ServeLoop("interdict-serve-live");
  private final CommandDesk commands;
  private final Fences fences = new Fences();
  private final HeadClock head = new HeadClock();
  private final Duration shedAfter;
  private final IdentitySource identities;
  private final MultiThreadIoEventLoopGroup group;
  private final List<Dialer> dialers = new ArrayList<>();
  private final Runnable stopListening;
  private final Runnable stopFollowing;

  // On the one event loop of all connections.
  private final EventLoop loop;
  private final Map<ServedStream, Wanted.Interest> interests = new LinkedHashMap<>();
  private final List<Consumer<Wanted>> wantedListeners = new ArrayList<>();
  private Wanted wanted = Wanted.NOTHING;

  /**
   * Starts at once. The certificate must name the recorder's node; id, epoch and last sequence of
   * {@code info} are filled in here.
   */
  public NodeLink(BusConfig config, Recorder recorder, NodeInfo info, CommandHandler handler) {
    PeerName name = config.identity().name();
    if (name.role() != Role.NODE || !name.id().equals(recorder.node().toString())) {
      throw new IllegalArgumentException(
          "certificate names " + name + " but the recorder is that of node/" + recorder.node());
    }
    this.recorder = recorder;
    this.shedAfter = config.shedAfter();
    this.identities = config.identities();
    CurrentTls tls;
    try {
      tls = CurrentTls.client(config.identities());
    } catch (IOException e) {
      throw new BusException("unusable identity " + name, e);
    }
    commands = new CommandDesk(handler, config.identities());
    group =
        new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("interdict-node-link", true), NioIoHandler.newFactory());
    loop = group.next();
    live.start(history);
    history.start(live);
    stopListening = recorder.onFlush(this::onFlush);
    head.sample(recorder.lastSequence(), System.nanoTime());
    for (InetSocketAddress address : config.backplanes()) {
      Dialer dialer =
          new Dialer(
              config, List.of(address), loop, tls, counters, () -> hello(info), new Events());
      dialers.add(dialer);
      dialer.start();
    }
    stopFollowing =
        identities.onChange(
            () -> dialers.forEach(dialer -> dialer.dialAgain("the certificate was replaced")));
  }

  private Hello hello(NodeInfo info) {
    return Hello.newBuilder()
        .setProtocol(Message.PROTOCOL)
        .setVersion(info.getVersion())
        .setNode(
            info.toBuilder()
                .setId(recorder.node().toString())
                .setEpoch(recorder.epoch())
                .setLastSequence(recorder.lastSequence()))
        .build();
  }

  /**
   * Tells what is wanted of this node now, and whenever that changes: the union of the kinds and
   * scopes of all subscriptions. Called on the link's thread, which must not be held up. Close the
   * result to hear no more.
   */
  public Registration onWanted(Consumer<Wanted> listener) {
    loop.execute(
        () -> {
          wantedListeners.add(listener);
          listener.accept(wanted);
        });
    return () -> loop.execute(() -> wantedListeners.remove(listener));
  }

  private void tellWanted() {
    Wanted now = new Wanted(interests.values().stream().distinct().toList());
    if (!now.equals(wanted)) {
      wanted = now;
      List.copyOf(wantedListeners).forEach(listener -> listener.accept(now));
    }
  }

  /** Backplanes that know this node at present. */
  public int connections() {
    return ready.get();
  }

  public Counters counters() {
    return counters;
  }

  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    stopListening.run();
    stopFollowing.run();
    dialers.forEach(Dialer::close);
    live.stop();
    history.stop();
    commands.close();
    group
        .shutdownGracefully(50, SHUTDOWN_MILLIS, TimeUnit.MILLISECONDS)
        .awaitUninterruptibly(SHUTDOWN_MILLIS);
  }

  /** On the recorder's writing thread. */
  private void onFlush() {
    head.sample(recorder.lastSequence(), System.nanoTime());
    live.wake();
  }

  private void wake() {
    live.wake();
    history.wake();
  }

  /** One per backplane. */
  private final class Events implements DialedConnection.Listener {
    private final Map<Integer, ServedStream> streams = new HashMap<>();

    @Override
    public void onReady(DialedConnection connection) {
      ready.incrementAndGet();
    }

    @Override
    public void onMessage(DialedConnection from, MessageType type, ByteBuf message) {
      int number = Message.stream(message);
      switch (type) {
        case SUBSCRIBE -> subscribe(from, number, Message.parse(message, Subscribe.parser()));
        case CREDIT -> {
          ServedStream stream = streams.get(number);
          if (stream != null) {
            stream.grant(Message.parse(message, Credit.parser()).getBytes());
            wake();
          }
        }
        case RENEW -> {
          ServedStream stream = streams.get(number);
          if (stream != null) {
            stream.renew();
          }
        }
        case UNSUBSCRIBE -> {
          ServedStream stream = streams.remove(number);
          if (stream != null) {
            drop(stream);
            wake();
          }
        }
        case SEND_COMMAND ->
            commands.carryOut(
                Message.parse(message, SendCommand.parser()).getCommand(), from, number);
        default -> throw WireException.protocol("unexpected type=" + type + " from a backplane");
      }
    }

    private void subscribe(DialedConnection from, int number, Subscribe request) {
      ServedStream stream =
          new ServedStream(
              recorder, from, number, request, identities.identity(), head, shedAfter, this::over);
      if (streams.put(number, stream) != null) {
        throw WireException.protocol("stream=" + number + " is in use");
      }
      if (request.getFence() != 0) {
        ServedStream older = fences.enter(request.getConsumer(), request.getFence(), stream);
        if (older != null) {
          older.end(
              StreamEnd.Code.FENCED,
              "consumer " + request.getConsumer() + " has a newer holder, see its fence");
          wake();
        }
      }
      Wanted.Interest interest = stream.interest();
      if (interest != null) {
        interests.put(stream, interest);
        tellWanted();
      }
      history.add(stream);
    }

    private void over(ServedStream stream) {
      streams.remove(stream.number(), stream);
      fences.leave(stream);
      noInterest(stream);
    }

    private void drop(ServedStream stream) {
      stream.cancel();
      fences.leave(stream);
      noInterest(stream);
    }

    private void noInterest(ServedStream stream) {
      if (interests.remove(stream) != null) {
        tellWanted();
      }
    }

    @Override
    public void onWritabilityChanged() {
      wake();
    }

    @Override
    public void onLost(DialedConnection connection) {
      ready.decrementAndGet();
      streams.values().forEach(this::drop);
      streams.clear();
      wake();
    }
  }
}
