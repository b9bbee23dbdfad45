package dev.interdict.bus.join;

import com.google.protobuf.InvalidProtocolBufferException;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.interdict.bus.tls.CurrentTls;
import dev.interdict.bus.tls.Identity;
import dev.interdict.bus.tls.IdentitySource;
import dev.interdict.schema.JoinRequest;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where hosts without a certificate ask for one: HTTPS on a port of its own, so that nobody without
 * a certificate comes near the bus. POST /v1/join takes a JoinRequest and gives a JoinResponse.
 */
public final class JoinService implements AutoCloseable {
  static final String PATH = "/v1/join";

  private static final Logger log = LoggerFactory.getLogger(JoinService.class);
  private static final int MAX_REQUEST_BYTES = 64 << 10;
  private static final int BACKLOG = 64;
  private static final int THREADS = 4;

  static {
    // Seconds in which a request must have come and an answer must have gone; read by the server's
    // class once.
    for (String limit : new String[] {"maxReqTime", "maxRspTime"}) {
      if (System.getProperty("sun.net.httpserver." + limit) == null) {
        System.setProperty("sun.net.httpserver." + limit, "10");
      }
    }
  }

  private final JoinDesk desk;
  private final HttpsServer server;
  private final Runnable stopFollowing;
  private final ThreadPoolExecutor threads =
      new ThreadPoolExecutor(
          THREADS, THREADS, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(BACKLOG));

  private JoinService(JoinDesk desk, HttpsServer server, Runnable stopFollowing) {
    this.desk = desk;
    this.server = server;
    this.stopFollowing = stopFollowing;
  }

  /** The identity is that of the backplane: tokens tell the authority that must stand behind it. */
  public static JoinService start(InetSocketAddress bind, IdentitySource identity, JoinDesk desk)
      throws IOException {
    HttpsServer server = HttpsServer.create(bind, BACKLOG);
    configure(server, identity.identity());
    JoinService service =
        new JoinService(
            desk, server, identity.onChange(() -> configure(server, identity.identity())));
    server.createContext(PATH, service::answer);
    server.setExecutor(service.threads);
    server.start();
    return service;
  }

  private static void configure(HttpsServer server, Identity identity) {
    try {
      server.setHttpsConfigurator(new HttpsConfigurator(CurrentTls.joinContext(identity)));
    } catch (SSLException e) {
      throw new IllegalStateException("unusable identity " + identity.name(), e);
    }
  }

  public InetSocketAddress address() {
    return server.getAddress();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      if (!exchange.getRequestMethod().equals("POST")) {
        send(exchange, 405, "POST a JoinRequest here");
        return;
      }
      byte[] request = exchange.getRequestBody().readNBytes(MAX_REQUEST_BYTES + 1);
      if (request.length > MAX_REQUEST_BYTES) {
        send(exchange, 413, "invalid request.length limit=" + MAX_REQUEST_BYTES);
        return;
      }
      try {
        byte[] response = desk.admit(JoinRequest.parseFrom(request)).toByteArray();
        exchange.getResponseHeaders().set("Content-Type", "application/x-protobuf");
        exchange.sendResponseHeaders(200, response.length);
        exchange.getResponseBody().write(response);
      } catch (InvalidProtocolBufferException e) {
        send(exchange, 400, "this is no JoinRequest: " + e.getMessage());
      } catch (JoinRefusedException e) {
        log.warn("join from {} refused: {}", exchange.getRemoteAddress(), e.getMessage());
        send(exchange, 403, e.getMessage());
      } catch (IOException e) {
        log.error("join from {} failed", exchange.getRemoteAddress(), e);
        send(exchange, 503, "try again later: " + e.getMessage());
      }
    }
  }

  private static void send(HttpExchange exchange, int status, String text) throws IOException {
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
  }

  @Override
  public void close() {
    stopFollowing.run();
    server.stop(0);
    threads.shutdownNow();
  }
}
