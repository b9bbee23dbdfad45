package dev.interdict.bus.tls;

import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;

/** The TLS context of the identity as it is now. Any thread. */
public final class CurrentTls {
  @FunctionalInterface
  private interface Side {
    SslContext of(Identity identity) throws SSLException;
  }

  private final IdentitySource source;
  private final Side side;
  private Identity identity;
  private SslContext context;

  private CurrentTls(IdentitySource source, Side side) {
    this.source = source;
    this.side = side;
  }

  public static CurrentTls server(IdentitySource source) throws IOException {
    CurrentTls tls = new CurrentTls(source, Identity::serverContext);
    tls.refresh();
    return tls;
  }

  public static CurrentTls client(IdentitySource source) throws IOException {
    CurrentTls tls = new CurrentTls(source, Identity::clientContext);
    tls.refresh();
    return tls;
  }

  /**
   * For a server that asks for no certificate. The chain ends with the authority's own, so that a
   * client who knows its fingerprint alone can tell.
   */
  public static SSLContext joinContext(Identity identity) throws SSLException {
    SslContext context = identity.joinContext();
    return ((JdkSslContext) context).context();
  }

  public synchronized SslContext get() {
    try {
      refresh();
    } catch (SSLException e) {
      // The identity was loaded, so its key and certificate are of a kind that TLS takes.
      throw new IllegalStateException("unusable identity " + source.identity().name(), e);
    }
    return context;
  }

  private synchronized void refresh() throws SSLException {
    Identity now = source.identity();
    if (now != identity) {
      context = side.of(now);
      identity = now;
    }
  }
}
