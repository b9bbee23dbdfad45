package dev.interdict.bus.client;

import dev.interdict.bus.tls.CurrentTls;
import dev.interdict.bus.tls.IdentitySource;
import dev.interdict.bus.tls.PeerName;
import dev.interdict.bus.tls.Role;
import dev.interdict.bus.wire.Counters;
import dev.interdict.bus.wire.Message;
import dev.interdict.bus.wire.MessageType;
import dev.interdict.bus.wire.WireException;
import dev.interdict.record.EpochRange;
import dev.interdict.record.Recorder;
import dev.interdict.schema.Acknowledge;
import dev.interdict.schema.Credit;
import dev.interdict.schema.Hello;
import dev.interdict.schema.Kind;
import dev.interdict.schema.NodeInfo;
import dev.interdict.schema.NodeStatus;
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
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node's side of the bus: announces the node on every backplane and serves subscriptions from its
 * recorder. Close it before the recorder.
 */
public final class NodeLink implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(NodeLink.class);
  private static final long SHUTDOWN_MILLIS = 2000;
  private static final long STATUS_MILLIS = 1000;
  private static final int MAX_RANGES = 64;
  private static final int MAX_STREAMS_TOLD = 256;
  private static final Duration RESOLVE_INTERVAL = Duration.ofSeconds(2);

  private final Recorder recorder;
  private final Counters counters = new Counters();
  private final AtomicBoolean closed = new AtomicBoolean();
  private final AtomicInteger ready = new AtomicInteger();
  private final ServeLoop history = new ServeLoop("interdict-serve-history");
  private final ServeLoop live = new ServeLoop("interdict-serve-live");
  private final CommandDesk commands;
  private final Fences fences;
  private final HeadClock head = new HeadClock();
  private final Duration shedAfter;
  private volatile Set<Kind> unseen = Set.of();
  private final IdentitySource identities;
  private final MultiThreadIoEventLoopGroup group;
  private final AddressBook addresses;
  private final Runnable stopListening;
  private final Runnable stopFollowing;

  // On the one event loop of all connections.
  private final EventLoop loop;
  private final Map<InetSocketAddress, Dialer> dialers = new LinkedHashMap<>();
  private final Set<DialedConnection> statusTo = new LinkedHashSet<>();
  private final Set<ServedStream> served = new LinkedHashSet<>();
  private final Map<ServedStream, Wanted.Interest> interests = new LinkedHashMap<>();
  private final List<Consumer<Wanted>> wantedListeners = new ArrayList<>();
  private Wanted wanted = Wanted.NOTHING;

  /**
   * Starts at once. The certificate must name the recorder's node; id, epoch and last sequence of
   * {@code info} are filled in here.
   */
  public NodeLink(BusConfig config, Recorder recorder, NodeInfo info, CommandHandler handler)
      throws IOException {
    this(config, recorder, info, handler, null);
  }

  /** {@code fenceFile} keeps the highest fence of each named consumer; null: in memory only. */
  public NodeLink(
      BusConfig config, Recorder recorder, NodeInfo info, CommandHandler handler, Path fenceFile)
      throws IOException {
    PeerName name = config.identity().name();
    if (name.role() != Role.NODE || !name.id().equals(recorder.node().toString())) {
      throw new IllegalArgumentException(
          "certificate names " + name + " but the recorder is that of node/" + recorder.node());
    }
    this.recorder = recorder;
    this.fences = new Fences(fenceFile);
    this.shedAfter = config.shedAfter();
    this.identities = config.identities();
    CurrentTls tls = CurrentTls.client(config.identities());
    commands = new CommandDesk(handler, config.identities());
    group =
        new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("interdict-node-link", true), NioIoHandler.newFactory());
    loop = group.next();
    live.start(history);
    history.start(live);
    stopListening = recorder.onFlush(this::onFlush);
    head.sample(recorder.lastSequence(), System.nanoTime());
    addresses =
        new AddressBook(
            config.backplanes(),
            config.resolver(),
            RESOLVE_INTERVAL,
            now -> loop.execute(() -> connectTo(now, config, tls, info)));
    stopFollowing =
        identities.onChange(
            () ->
                loop.execute(
                    () ->
                        dialers
                            .values()
                            .forEach(dialer -> dialer.dialAgain("the certificate was replaced"))));
    loop.scheduleAtFixedRate(this::tellStatus, 0, STATUS_MILLIS, TimeUnit.MILLISECONDS);
  }

  /** One connection to each; what is not listed any more is not dialed again once it is lost. */
  private void connectTo(
      List<InetSocketAddress> listed, BusConfig config, CurrentTls tls, NodeInfo info) {
    dialers
        .entrySet()
        .removeIf(
            entry -> {
              boolean unlisted = !listed.contains(entry.getKey());
              if (unlisted) {
                entry.getValue().retire();
              }
              return unlisted;
            });
    for (InetSocketAddress address : listed) {
      if (!dialers.containsKey(address) && !closed.get()) {
        Dialer dialer =
            new Dialer(
                config, List.of(address), loop, tls, counters, () -> hello(info), new Events());
        dialers.put(address, dialer);
        dialer.start();
      }
    }
  }

  private void tellStatus() {
    if (statusTo.isEmpty()) {
      return;
    }
    try {
      NodeStatus status = status();
      for (DialedConnection each : statusTo) {
        each.writeAndFlush(Message.of(each.channel().alloc(), MessageType.NODE_STATUS, 0, status));
      }
    } catch (IOException e) {
      log.warn("cannot tell the recorder's ranges", e);
    }
  }

  private NodeStatus status() throws IOException {
    NodeStatus.Builder status =
        NodeStatus.newBuilder()
            .setTime(TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis()))
            .setEpoch(recorder.epoch())
            .setLastSequence(recorder.lastSequence())
            .setLastTime(recorder.lastTime())
            .setLost(recorder.lost())
            .addAllUnseen(unseen);
    List<EpochRange> ranges = recorder.ranges();
    for (EpochRange range :
        ranges.subList(Math.max(0, ranges.size() - MAX_RANGES), ranges.size())) {
      status.addRanges(
          NodeStatus.Range.newBuilder()
              .setEpoch(range.epoch())
              .setFirst(range.first())
              .setLast(range.last()));
    }
    served.stream().limit(MAX_STREAMS_TOLD).forEach(stream -> status.addStreams(stream.status()));
    return status.build();
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

  /** Kinds of which there will be no event here, so that rules which need them can be told. */
  public void tellUnseen(Set<Kind> kinds) {
    unseen = new TreeSet<>(kinds);
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
    addresses.close();
    loop.execute(() -> dialers.values().forEach(Dialer::close));
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
      if (connection.protocol() >= 2) {
        statusTo.add(connection);
      }
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
        case ACKNOWLEDGE -> {
          ServedStream stream = streams.get(number);
          if (stream != null) {
            stream.acknowledge(Message.parse(message, Acknowledge.parser()));
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
      served.add(stream);
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
      served.remove(stream);
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
      statusTo.remove(connection);
      streams.values().forEach(this::drop);
      streams.clear();
      wake();
    }
  }
}
