package dev.interdict.bus.wire;

import dev.interdict.bus.tls.PeerName;
import dev.interdict.schema.Goodbye;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.io.IOException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One peer's connection: TLS, greeting, signs of life, and an end with a reason. The callbacks run
 * on the channel's event loop; write, flush and leave may be called by any thread.
 *
 * <p>A peer must complete a message within the idle time, so that neither silence nor a trickle of
 * bytes can hold a connection.
 */
// Failed writes with a void promise come to exceptionCaught; tasks of the loop end in leave or
// close.
@SuppressWarnings("FutureReturnValueIgnored")
public abstract class Connection extends ChannelInboundHandlerAdapter {
  private static final Logger log = LoggerFactory.getLogger(Connection.class);

  // After a goodbye the peer is given this long to read it and close.
  private static final int LINGER_MILLIS = 1000;
  private static final int MAX_REASON_LENGTH = 1000;
  private static final long MAX_UNREAD_BYTES = 32 << 20;

  private enum State {
    SECURING,
    GREETING,
    READY,
    LEAVING,
    CLOSED
  }

  private final Timeouts timeouts;
  private final Counters counters;
  private final MessageDecoder decoder = new MessageDecoder();
  private Channel channel;
  private State state = State.SECURING;
  private PeerName peer;
  private volatile int protocol;
  private volatile boolean overflowed;
  private Goodbye goodbye;
  private ScheduledFuture<?> greetingTimer;
  private ScheduledFuture<?> lifeTimer;
  private ScheduledFuture<?> expiryTimer;
  private volatile long lastMessageNanos;

  protected Connection(Timeouts timeouts, Counters counters) {
    this.timeouts = timeouts;
    this.counters = counters;
  }

  /** TLS is up and the peer's certificate is good. */
  protected abstract void onSecured();

  /** HELLO or HELLO_ACK; calls {@link #greeted} if content. */
  protected abstract void onGreeting(MessageType type, ByteBuf message);

  /** The message is released after the call; retain it to keep it. */
  protected abstract void onMessage(MessageType type, ByteBuf message);

  /** Everything that was read has been handed over: the moment to flush. */
  protected void onDrained() {}

  protected void onWritabilityChanged() {}

  /** Once, whether the connection had been greeted or not. */
  protected abstract void onClosed(String why);

  /** Installs the handlers; to be called by the channel initializer. */
  public final void install(Channel into, SslContext tls) {
    channel = into;
    SslHandler ssl = tls.newHandler(into.alloc());
    ssl.setHandshakeTimeoutMillis(timeouts.handshake().toMillis());
    ssl.setCloseNotifyFlushTimeoutMillis(LINGER_MILLIS);
    into.pipeline().addLast(ssl, decoder, this);
  }

  public final Channel channel() {
    return channel;
  }

  public final PeerName peer() {
    return peer;
  }

  /** The version that both speak; 0 before the greeting. */
  public final int protocol() {
    return protocol;
  }

  protected final boolean isReady() {
    return state == State.READY;
  }

  /** What the peer said when it closed the connection, or null. */
  protected final Goodbye goodbye() {
    return goodbye;
  }

  public final void write(ByteBuf message) {
    if (admits(message)) {
      channel.write(message, channel.voidPromise());
    }
  }

  public final void writeAndFlush(ByteBuf message) {
    if (admits(message)) {
      channel.writeAndFlush(message, channel.voidPromise());
    }
  }

  /** A peer that asks and does not read the answers must not fill this side's memory. */
  private boolean admits(ByteBuf message) {
    if (overflowed) {
      message.release();
      return false;
    }
    // A channel that is closed counts as the longest of all.
    long unread = channel.isActive() && !channel.isWritable() ? channel.bytesBeforeWritable() : 0;
    if (unread > MAX_UNREAD_BYTES && unread != Long.MAX_VALUE) {
      overflowed = true;
      message.release();
      leave(Goodbye.Code.LIMIT, "unread bytes=" + unread + " limit=" + MAX_UNREAD_BYTES);
      return false;
    }
    return true;
  }

  /** Says why, and closes. */
  public final void leave(Goodbye.Code code, String why) {
    if (channel.eventLoop().inEventLoop()) {
      leaveNow(code, why);
    } else {
      channel.eventLoop().execute(() -> leaveNow(code, why));
    }
  }

  /** Closes the connection unless the peer shows within the time that it lives. */
  public final void probe(long millis) {
    long asked = System.nanoTime();
    writeAndFlush(Message.of(channel.alloc(), MessageType.PING, 0));
    channel
        .eventLoop()
        .schedule(
            () -> {
              if (lastMessageNanos - asked < 0) {
                leaveNow(Goodbye.Code.TIMEOUT, "no answer to a ping within " + millis + " ms");
              }
            },
            millis,
            TimeUnit.MILLISECONDS);
  }

  protected final void greeted(int version) {
    protocol = version;
    state = State.READY;
    decoder.greeted();
    greetingTimer.cancel(false);
    long ping = timeouts.ping().toNanos();
    lifeTimer =
        channel
            .eventLoop()
            .scheduleAtFixedRate(this::showAndExpectLife, ping, ping, TimeUnit.NANOSECONDS);
  }

  private void showAndExpectLife() {
    long silent = System.nanoTime() - lastMessageNanos;
    if (silent > timeouts.idle().toNanos()) {
      leaveNow(
          Goodbye.Code.TIMEOUT,
          "no complete message for "
              + TimeUnit.NANOSECONDS.toMillis(silent)
              + " ms, limit="
              + timeouts.idle().toMillis()
              + " ms");
    } else {
      writeAndFlush(Message.of(channel.alloc(), MessageType.PING, 0));
    }
  }

  @Override
  public final void channelActive(ChannelHandlerContext context) {
    counters.connections.increment();
    lastMessageNanos = System.nanoTime();
    long limit = timeouts.handshake().toMillis();
    greetingTimer =
        context
            .executor()
            .schedule(
                () -> leaveNow(Goodbye.Code.TIMEOUT, "not greeted within " + limit + " ms"),
                limit,
                TimeUnit.MILLISECONDS);
  }

  @Override
  public final void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (!(event instanceof SslHandshakeCompletionEvent handshake) || state != State.SECURING) {
      return;
    }
    if (!handshake.isSuccess()) {
      counters.handshakeFailures.increment();
      log.info("TLS handshake with {} failed: {}", name(), handshake.cause().getMessage());
      // The handler closes the channel once it has sent the alert that tells the peer why.
      ended(State.CLOSED, "TLS handshake failed: " + handshake.cause().getMessage());
      return;
    }
    state = State.GREETING;
    try {
      SslHandler ssl = context.pipeline().get(SslHandler.class);
      X509Certificate certificate =
          (X509Certificate) ssl.engine().getSession().getPeerCertificates()[0];
      peer = PeerName.of(certificate);
      expiryTimer =
          context
              .executor()
              .schedule(
                  () -> expired(certificate),
                  certificate.getNotAfter().getTime() - System.currentTimeMillis(),
                  TimeUnit.MILLISECONDS);
    } catch (SSLPeerUnverifiedException | CertificateException e) {
      leaveNow(Goodbye.Code.FORBIDDEN, e.getMessage());
      return;
    }
    onSecured();
  }

  private void expired(X509Certificate certificate) {
    leaveNow(
        Goodbye.Code.FORBIDDEN,
        "certificate of " + peer + " expired at " + certificate.getNotAfter().toInstant());
  }

  @Override
  public final void channelRead(ChannelHandlerContext context, Object read) {
    ByteBuf message = (ByteBuf) read;
    try {
      if (state == State.GREETING || state == State.READY) {
        lastMessageNanos = System.nanoTime();
        counters.messages.increment();
        dispatch(Message.type(message), message);
      }
    } catch (WireException e) {
      leaveNow(e.code(), e.getMessage());
    } finally {
      message.release();
    }
  }

  private void dispatch(MessageType type, ByteBuf message) {
    switch (type) {
      case HELLO, HELLO_ACK -> {
        if (state == State.READY) {
          throw WireException.protocol("second greeting type=" + type);
        }
        onGreeting(type, message);
      }
      case PING -> writeAndFlush(Message.of(channel.alloc(), MessageType.PONG, 0));
      case PONG -> {} // the time of its arrival is all that counts
      case GOODBYE -> {
        goodbye = Message.parse(message, Goodbye.parser());
        close(peer + " said goodbye: " + goodbye.getCode() + ", " + goodbye.getMessage());
      }
      default -> onMessage(type, message);
    }
  }

  @Override
  public final void channelReadComplete(ChannelHandlerContext context) {
    onDrained();
  }

  @Override
  public final void channelWritabilityChanged(ChannelHandlerContext context) {
    onWritabilityChanged();
  }

  @Override
  public final void channelInactive(ChannelHandlerContext context) {
    close("connection closed by the peer");
  }

  @Override
  public final void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    Throwable root =
        cause instanceof DecoderException && cause.getCause() != null ? cause.getCause() : cause;
    if (root instanceof WireException wire) {
      leaveNow(wire.code(), wire.getMessage());
    } else if (root instanceof SSLException) {
      // A server refuses a client's certificate after the client believes that all is well.
      if (state == State.SECURING || state == State.GREETING) {
        counters.handshakeFailures.increment();
      }
      close("TLS: " + root.getMessage());
    } else if (root instanceof IOException) {
      close(root.getMessage());
    } else {
      log.error("connection with {} failed", peer, root);
      leaveNow(Goodbye.Code.UNKNOWN, "internal error");
    }
  }

  private void leaveNow(Goodbye.Code code, String why) {
    if (state == State.LEAVING || state == State.CLOSED) {
      return;
    }
    counters.goodbyes(code).increment();
    if (code != Goodbye.Code.SHUTDOWN) {
      log.warn("closing connection with {}: {}, {}", name(), code, why);
    }
    if (state == State.SECURING) {
      close(why);
      return;
    }
    String text = why.length() > MAX_REASON_LENGTH ? why.substring(0, MAX_REASON_LENGTH) : why;
    writeAndFlush(
        Message.of(
            channel.alloc(),
            MessageType.GOODBYE,
            0,
            Goodbye.newBuilder().setCode(code).setMessage(text).build()));
    decoder.discard();
    ended(State.LEAVING, why);
    // Closing at once with unread input would reset the connection, and the goodbye might be lost.
    channel.eventLoop().schedule(() -> close(why), LINGER_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void close(String why) {
    ended(State.CLOSED, why);
    channel.close();
  }

  private void ended(State end, String why) {
    boolean first = state != State.LEAVING && state != State.CLOSED;
    state = end;
    if (!first) {
      return;
    }
    if (greetingTimer != null) {
      greetingTimer.cancel(false);
    }
    if (lifeTimer != null) {
      lifeTimer.cancel(false);
    }
    if (expiryTimer != null) {
      expiryTimer.cancel(false);
    }
    onClosed(why);
  }

  private String name() {
    return peer == null ? String.valueOf(channel.remoteAddress()) : peer.toString();
  }
}
