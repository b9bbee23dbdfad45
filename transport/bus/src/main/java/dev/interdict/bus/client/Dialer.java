package dev.interdict.bus.client;

import dev.interdict.bus.tls.CurrentTls;
import dev.interdict.bus.wire.Counters;
import dev.interdict.schema.Goodbye;
import dev.interdict.schema.Hello;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one connection to one of several backplanes: after a loss the next in the list is tried,
 * after a pause that grows and is shortened at random, so that many peers do not come at once.
 * Confined to its event loop, but for start and close.
 */
// The outcome of a connection attempt comes to its listener, that of a redial to the next.
@SuppressWarnings("FutureReturnValueIgnored")
final class Dialer {
  private static final Logger log = LoggerFactory.getLogger(Dialer.class);
  private static final WriteBufferWaterMark WATER_MARK =
      new WriteBufferWaterMark(256 << 10, 1 << 20);

  private final BusConfig config;
  private List<InetSocketAddress> addresses;
  private final EventLoop loop;
  private final CurrentTls tls;
  private final Counters counters;
  private final Supplier<Hello> hello;
  private final DialedConnection.Listener listener;

  private int next;
  private long backoffNanos;
  private DialedConnection connection;
  private volatile String lastFailure = "";
  private int attempt;
  private boolean closed;
  private boolean retired;
  private boolean waiting; // for an address

  Dialer(
      BusConfig config,
      List<InetSocketAddress> addresses,
      EventLoop loop,
      CurrentTls tls,
      Counters counters,
      Supplier<Hello> hello,
      DialedConnection.Listener listener) {
    this.config = config;
    this.addresses = List.copyOf(addresses);
    this.loop = loop;
    this.tls = tls;
    this.counters = counters;
    this.hello = hello;
    this.listener = listener;
    this.backoffNanos = config.minBackoff().toNanos();
  }

  void start() {
    loop.execute(this::dial);
  }

  /** Event loop: where to look from now on. A connection that stands is kept. */
  void addresses(List<InetSocketAddress> now) {
    addresses = List.copyOf(now);
    next = ThreadLocalRandom.current().nextInt(Math.max(1, addresses.size()));
    if (waiting && !addresses.isEmpty()) {
      waiting = false;
      dial();
    }
  }

  /** Event loop: the connection is kept while it stands, and no other is made. */
  void retire() {
    retired = true;
  }

  /** Comes again at once, with the identity as it is now. */
  void dialAgain(String why) {
    loop.execute(
        () -> {
          if (connection != null) {
            connection.leave(Goodbye.Code.SHUTDOWN, why);
          }
        });
  }

  /** As dialAgain, but only where there is another backplane. */
  void dialElsewhere(String why) {
    loop.execute(
        () -> {
          if (connection != null && addresses.size() > 1) {
            connection.leave(Goodbye.Code.SHUTDOWN, why);
          }
        });
  }

  /** Why there is no connection. */
  String lastFailure() {
    return lastFailure;
  }

  void close() {
    loop.execute(
        () -> {
          closed = true;
          if (connection != null) {
            connection.leave(Goodbye.Code.SHUTDOWN, "closed");
          }
        });
  }

  private void dial() {
    if (closed || retired) {
      return;
    }
    if (addresses.isEmpty()) {
      lastFailure = "no address is known for " + config.backplanes();
      waiting = true;
      return;
    }
    next = next % addresses.size();
    InetSocketAddress address = addresses.get(next++);
    long started = System.nanoTime();
    int number = ++attempt;
    DialedConnection dialed =
        new DialedConnection(
            config.timeouts(),
            counters,
            hello.get(),
            listener,
            (wasReady, why) -> ended(number, address, started, wasReady, why));
    ChannelFuture connecting =
        new Bootstrap()
            .group(loop)
            .channel(NioSocketChannel.class)
            .option(ChannelOption.TCP_NODELAY, true)
            .option(ChannelOption.SO_KEEPALIVE, true)
            .option(
                ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) config.timeouts().connect().toMillis())
            .option(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    dialed.install(channel, tls.get());
                  }
                })
            .connect(address);
    connecting.addListener(
        result -> {
          if (result.isSuccess()) {
            connection = dialed;
            if (closed) {
              dialed.leave(Goodbye.Code.SHUTDOWN, "closed");
            }
          } else {
            ended(number, address, started, false, result.cause().getMessage());
          }
        });
  }

  /** An attempt may be told to have ended by its channel and by its connection. */
  private void ended(
      int number, InetSocketAddress address, long started, boolean wasReady, String why) {
    if (closed || number != attempt) {
      return;
    }
    connection = null;
    attempt++;
    String failure = address + ": " + why;
    if (!failure.equals(lastFailure)) {
      log.info("{} {} {}", config.identity().name(), wasReady ? "lost" : "cannot reach", failure);
    }
    lastFailure = failure;
    if (wasReady && System.nanoTime() - started > config.maxBackoff().toNanos()) {
      backoffNanos = config.minBackoff().toNanos();
    }
    long pause = backoffNanos - ThreadLocalRandom.current().nextLong(backoffNanos / 2 + 1);
    backoffNanos = Math.min(2 * backoffNanos, config.maxBackoff().toNanos());
    loop.schedule(this::dial, pause, TimeUnit.NANOSECONDS);
  }
}
