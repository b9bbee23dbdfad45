package dev.interdict.bus.backplane;

import dev.interdict.bus.tls.CurrentTls;
import dev.interdict.bus.wire.Connection;
import dev.interdict.schema.Goodbye;
import dev.interdict.schema.Presence;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * A stateless relay between nodes and consumers. Frames pass as they are; what is kept about a
 * stream is its credit. Any number of instances may run, each knows the peers that dialed it.
 */
// closeFuture and a close that is refused admission have nobody to tell.
@SuppressWarnings("FutureReturnValueIgnored")
public final class Backplane implements AutoCloseable {
  private static final int BACKLOG = 1024;
  // What is queued in a connection cannot be overtaken by a live stream any more.
  private static final WriteBufferWaterMark WATER_MARK =
      new WriteBufferWaterMark(128 << 10, 512 << 10);
  private static final long GOODBYE_MILLIS = 300;

  private final BackplaneConfig config;
  private final Registry registry = new Registry();
  private final BackplaneCounters counters = new BackplaneCounters();
  private final Set<PeerConnection> connections = ConcurrentHashMap.newKeySet();
  private final MultiThreadIoEventLoopGroup loops;
  private final CurrentTls tls;
  private final FairShare share;
  private Channel listener;

  private Backplane(BackplaneConfig config) throws IOException {
    this.config = config;
    this.tls = CurrentTls.server(config.identities());
    this.loops =
        new MultiThreadIoEventLoopGroup(
            config.threads(),
            new DefaultThreadFactory("interdict-backplane", true),
            NioIoHandler.newFactory());
    this.share = new FairShare(config.limits().bytesPerSecond(), loops.next());
  }

  public static Backplane start(BackplaneConfig config) throws IOException {
    Backplane backplane = new Backplane(config);
    backplane.listen();
    return backplane;
  }

  private void listen() throws IOException {
    ChannelFuture bound =
        new ServerBootstrap()
            .group(loops)
            .channel(NioServerSocketChannel.class)
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.SO_KEEPALIVE, true)
            .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    admit(channel);
                  }
                })
            .bind(config.bind())
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      close();
      throw new IOException("cannot listen on " + config.bind(), bound.cause());
    }
    listener = bound.channel();
  }

  private void admit(Channel channel) {
    if (connections.size() >= config.maxConnections()) {
      counters.connectionsOverLimit.increment();
      channel.close();
      return;
    }
    PeerConnection connection = new PeerConnection(config, registry, counters, share);
    connections.add(connection);
    channel.closeFuture().addListener(closed -> connections.remove(connection));
    connection.install(channel, tls.get());
  }

  public InetSocketAddress address() {
    return (InetSocketAddress) listener.localAddress();
  }

  public BackplaneCounters counters() {
    return counters;
  }

  /** The nodes that are connected, as each told of itself last. */
  public List<Presence> presence() {
    return registry.presence();
  }

  public List<ClientState> clients() {
    List<ClientState> clients = new ArrayList<>();
    for (PeerConnection connection : connections) {
      ClientState state = connection.clientState();
      if (state != null) {
        clients.add(state);
      }
    }
    return clients;
  }

  /** Nodes connected at present. */
  public int nodes() {
    return registry.nodeCount();
  }

  /** Says goodbye to every peer, so that they go elsewhere or try again at once. */
  @Override
  public void close() {
    if (listener != null) {
      listener.close().awaitUninterruptibly();
    }
    ChannelGroup closing = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    for (Connection connection : connections) {
      closing.add(connection.channel());
      connection.leave(Goodbye.Code.SHUTDOWN, "this backplane stops");
    }
    closing.newCloseFuture().awaitUninterruptibly(GOODBYE_MILLIS);
    loops.shutdownGracefully(0, GOODBYE_MILLIS, TimeUnit.MILLISECONDS).awaitUninterruptibly();
  }
}
