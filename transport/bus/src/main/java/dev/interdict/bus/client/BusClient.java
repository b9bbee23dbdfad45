package dev.interdict.bus.client;

import dev.interdict.bus.tls.CurrentTls;
import dev.interdict.bus.tls.Role;
import dev.interdict.bus.trust.Signers;
import dev.interdict.bus.wire.Counters;
import dev.interdict.bus.wire.Message;
import dev.interdict.bus.wire.MessageType;
import dev.interdict.bus.wire.WireException;
import dev.interdict.schema.Alert;
import dev.interdict.schema.AlertAck;
import dev.interdict.schema.CommandResult;
import dev.interdict.schema.Goodbye;
import dev.interdict.schema.Hello;
import dev.interdict.schema.Presence;
import dev.interdict.schema.SignedCommand;
import dev.interdict.schema.Subscribe;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A consumer's, responder's or administrator's connection to the bus. Reconnects by itself;
 * whatever was asked for goes on. Any thread. Callbacks run on the bus thread and must not block.
 */
// The end of the event loop group is not waited for: close may be called on it.
@SuppressWarnings("FutureReturnValueIgnored")
public final class BusClient implements AutoCloseable {
  private static final long SHUTDOWN_MILLIS = 2000;
  private static final Duration RESOLVE_INTERVAL = Duration.ofSeconds(2);

  private static final Logger log = LoggerFactory.getLogger(BusClient.class);

  private final BusConfig config;
  private final Signers signers;
  private final Counters counters = new Counters();
  private final DecoderPool decoders = new DecoderPool();
  private final CompletableFuture<Void> connected = new CompletableFuture<>();
  private final MultiThreadIoEventLoopGroup group;
  private final EventLoop loop;
  private final Dialer dialer;
  private final Runnable stopFollowing;
  private final AddressBook addresses;

  // All below: event loop only.
  private final PresenceView presence = new PresenceView();
  private final Requests requests;
  private final AlertIntake intake;
  private final List<Consumer<String>> forgeryListeners = new CopyOnWriteArrayList<>();
  private final Set<EventStream> streams = new HashSet<>();
  private final Map<Integer, EventStream> open = new HashMap<>();
  private volatile DialedConnection connection; // read by others
  private int lastStream = -1;
  private boolean closed;

  private BusClient(BusConfig config, String consumerName) throws IOException {
    this.config = config;
    signers = new Signers(() -> config.identity().authority());
    group =
        new MultiThreadIoEventLoopGroup(
            1,
            new DefaultThreadFactory("interdict-bus-" + config.identity().id(), true),
            NioIoHandler.newFactory());
    loop = group.next();
    Hello hello =
        Hello.newBuilder().setProtocol(Message.PROTOCOL).setConsumer(consumerName).build();
    dialer =
        new Dialer(
            config,
            List.of(),
            loop,
            CurrentTls.client(config.identities()),
            counters,
            () -> hello,
            new Events());
    requests =
        new Requests(
            loop,
            config.requestTimeout(),
            this::nextStream,
            dialer::lastFailure,
            signers,
            this::forged);
    intake = new AlertIntake(loop, signers, this::forged);
    addresses =
        new AddressBook(
            config.backplanes(),
            config.resolver(),
            RESOLVE_INTERVAL,
            now -> execute(() -> dialer.addresses(now)));
    stopFollowing =
        config.identities().onChange(() -> dialer.dialAgain("the certificate was replaced"));
  }

  /** Returns at once; connects in the background. */
  public static BusClient connect(BusConfig config, String consumerName) {
    if (config.identity().role() == Role.NODE || config.identity().role() == Role.BACKPLANE) {
      throw new IllegalArgumentException(
          "certificate of " + config.identity().name() + " is not one of a client");
    }
    try {
      BusClient client = new BusClient(config, consumerName);
      client.dialer.start();
      return client;
    } catch (IOException e) {
      throw new BusException("unusable identity " + config.identity().name(), e);
    }
  }

  /** Completes at the first connection. */
  public CompletableFuture<Void> connected() {
    return connected.copy();
  }

  /** Tells every node known now, and from then on each change of what it is and can see. */
  public Registration watchPresence(Consumer<Presence> watcher) {
    execute(() -> presence.add(watcher));
    return () -> execute(() -> presence.remove(watcher));
  }

  /** As watchPresence, and besides what each node tells of itself every second. */
  public Registration watchNodes(Consumer<Presence> watcher) {
    execute(() -> presence.addForStatus(watcher));
    return () -> execute(() -> presence.remove(watcher));
  }

  /** The streams of every node that is meant, whenever it comes. */
  public FleetStream subscribe(NodeSelector nodes, Subscribe template) {
    return new FleetStream(this, nodes, template);
  }

  /**
   * Credit 0 means 1 MiB. At most the credit and one batch are held for a stream that is not
   * polled.
   */
  public EventStream subscribe(Subscribe request) {
    EventStream stream = new EventStream(this, decoders, request);
    execute(
        () -> {
          if (closed) {
            stream.cancel("this client is closed");
            return;
          }
          streams.add(stream);
          stream.open();
        });
    return stream;
  }

  /**
   * Completes when a responder has the alert durably; fails with a {@link BusException} that says
   * why not, and may then be called again: alerts are told apart by id. Where no responder is
   * connected to this backplane, the next one is tried.
   */
  public CompletableFuture<Void> publish(Alert alert) {
    return requests
        .alert(alert, config.identity())
        .thenAccept(
            ack -> {
              if (ack.getNoResponder()) {
                dialer.dialElsewhere("it has no responder");
              }
              if (!ack.getError().isEmpty()) {
                throw new BusException("alert " + ack.getAlertId() + ": " + ack.getError());
              }
            });
  }

  /** The future completes when the alert is durable; that acknowledges it to the publisher. */
  public Registration serveAlerts(Function<Alert, CompletableFuture<Void>> handler) {
    execute(() -> intake.serve(handler));
    return () -> execute(intake::stop);
  }

  /** Always completes with a result; UNREACHABLE if the node gave none in time. */
  public CompletableFuture<CommandResult> send(SignedCommand command, String node) {
    return requests.command(command, node);
  }

  /**
   * Tells of everything that came in a peer's name and not from it: frames, alerts, results. It was
   * not used, and the connection it came over has been left. Called on the bus thread.
   */
  public Registration onForgery(Consumer<String> listener) {
    forgeryListeners.add(listener);
    return () -> forgeryListeners.remove(listener);
  }

  /** Event loop. The backplane that passed it on is not to be trusted: another may be. */
  void forged(String what) {
    counters.forgeries.increment();
    String from =
        connection == null
            ? "a backplane"
            : connection.peer() + " at " + connection.channel().remoteAddress();
    log.error("forgery received from {}: {}", from, what);
    forgeryListeners.forEach(listener -> listener.accept(what));
    if (connection != null) {
      connection.leave(Goodbye.Code.PROTOCOL, "forgery: " + what);
    }
  }

  /** Why there is no connection, in words. */
  public String lastFailure() {
    return dialer.lastFailure();
  }

  /** Where the backplane is that it is connected to; null while there is none. */
  public SocketAddress backplane() {
    DialedConnection now = connection;
    return now == null ? null : now.channel().remoteAddress();
  }

  Signers signers() {
    return signers;
  }

  boolean acceptsUnsealed() {
    return config.acceptUnsealed();
  }

  public Counters counters() {
    return counters;
  }

  /** On the event loop; here and now once that has stopped, when nothing else runs on it. */
  void execute(Runnable task) {
    if (loop.isTerminated()) {
      task.run();
      return;
    }
    try {
      loop.execute(task);
    } catch (RejectedExecutionException e) {
      loop.terminationFuture().addListener(stopped -> task.run());
    }
  }

  EventLoop loop() {
    return loop;
  }

  /** Null while there is none. */
  DialedConnection connection() {
    return connection;
  }

  /** Gives a stream its number on the present connection. */
  int attach(EventStream stream) {
    int number = nextStream();
    open.put(number, stream);
    return number;
  }

  void detach(int number) {
    open.remove(number);
  }

  void forget(EventStream stream) {
    streams.remove(stream);
  }

  private int nextStream() {
    lastStream += 2;
    return lastStream;
  }

  @Override
  public void close() {
    execute(
        () -> {
          closed = true;
          for (EventStream stream : Set.copyOf(streams)) {
            stream.cancel("this client is closed");
          }
          requests.close();
          decoders.close();
        });
    stopFollowing.run();
    addresses.close();
    dialer.close();
    group.shutdownGracefully(50, SHUTDOWN_MILLIS, TimeUnit.MILLISECONDS);
  }

  private final class Events implements DialedConnection.Listener {
    @Override
    public void onReady(DialedConnection ready) {
      connection = ready;
      ready.write(Message.of(ready.channel().alloc(), MessageType.WATCH_PRESENCE, 0));
      presence.connected();
      intake.connected(ready);
      requests.connected(ready);
      for (EventStream stream : Set.copyOf(streams)) {
        stream.open();
      }
      ready.channel().flush();
      connected.complete(null);
    }

    @Override
    public void onMessage(DialedConnection from, MessageType type, ByteBuf message) {
      switch (type) {
        case FRAME, PROGRESS, SUBSCRIBED, STREAM_END -> {
          EventStream stream = open.get(Message.stream(message));
          if (stream != null) {
            stream.onMessage(type, message);
          }
        }
        case PRESENCE -> onPresence(message);
        case ALERT_ACK ->
            requests.acknowledged(
                Message.stream(message), Message.parse(message, AlertAck.parser()));
        case COMMAND_RESULT ->
            requests.carriedOut(
                Message.stream(message), Message.parse(message, CommandResult.parser()));
        case PUBLISH_ALERT -> intake.onAlert(from, message);
        default -> throw WireException.protocol("unexpected type=" + type + " from a backplane");
      }
    }

    private void onPresence(ByteBuf message) {
      if ((Message.flags(message) & Message.END_OF_LIST) != 0) {
        presence.listed();
        return;
      }
      Presence change = Message.parse(message, Presence.parser());
      if (presence.changed(change) && change.getConnected()) {
        for (EventStream stream : Set.copyOf(streams)) {
          if (stream.node().toString().equals(change.getNode().getId())) {
            stream.open();
          }
        }
      }
    }

    @Override
    public void onLost(DialedConnection lost) {
      connection = null;
      open.clear();
      intake.lost();
      requests.lost();
      for (EventStream stream : Set.copyOf(streams)) {
        stream.lost();
      }
    }
  }
}
