package dev.interdict.agent.audit;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import dev.interdict.agent.kernel.Inbox;
import dev.interdict.schema.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes what the Kubernetes API server sends to its audit webhook. What finds no room is refused,
 * so that the API server sends it again, and counted, as it may give up.
 */
public final class AuditWebhook implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AuditWebhook.class);
  static final int BODY_LIMIT = 4 << 20;
  private static final int TOKEN_LIMIT = 4096;
  private static final int THREADS = 2;
  private static final int WAITING = 16;
  private static final int REMEMBERED = 4096;
  private static final String BEARER = "Bearer ";

  static {
    // A caller that dawdles must not hold a thread for ever. Seconds; read when the first server
    // starts.
    for (String limit : List.of("sun.net.httpserver.maxReqTime", "sun.net.httpserver.maxRspTime")) {
      if (System.getProperty(limit) == null) {
        System.setProperty(limit, "20");
      }
    }
  }

  private final HttpsServer server;
  private final ThreadPoolExecutor threads;
  private final Inbox inbox;
  private final byte[] token;
  private final Map<String, Boolean> taken =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
          return size() > REMEMBERED;
        }
      };

  private AuditWebhook(HttpsServer server, Inbox inbox, byte[] token) {
    this.server = server;
    this.inbox = inbox;
    this.token = token;
    this.threads =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            1,
            TimeUnit.MINUTES,
            new ArrayBlockingQueue<>(WAITING),
            task -> {
              Thread thread = new Thread(task, "interdict-audit-webhook");
              thread.setDaemon(true);
              return thread;
            });
  }

  public static AuditWebhook start(AuditWebhookConfig config, Inbox inbox) throws IOException {
    byte[] token = null;
    if (config.tokenFile() != null) {
      token = Files.readString(config.tokenFile()).strip().getBytes(StandardCharsets.UTF_8);
      if (token.length == 0 || token.length > TOKEN_LIMIT) {
        throw new IOException(
            "invalid token length="
                + token.length
                + " limit="
                + TOKEN_LIMIT
                + " file="
                + config.tokenFile());
      }
    }
    SSLContext context =
        TlsFiles.context(config.key(), config.certificate(), config.clientAuthority());
    HttpsServer server = HttpsServer.create(config.address(), WAITING);
    boolean asks = config.clientAuthority() != null;
    server.setHttpsConfigurator(
        new HttpsConfigurator(context) {
          @Override
          public void configure(HttpsParameters parameters) {
            SSLParameters ours = context.getDefaultSSLParameters();
            ours.setNeedClientAuth(asks);
            parameters.setSSLParameters(ours);
          }
        });
    AuditWebhook webhook = new AuditWebhook(server, inbox, token);
    server.setExecutor(webhook.threads);
    server.createContext("/", webhook::handle);
    server.start();
    return webhook;
  }

  public InetSocketAddress address() {
    return server.getAddress();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      int status = answer(exchange);
      if (status == 503) {
        exchange.getResponseHeaders().set("Retry-After", "1");
      }
      exchange.sendResponseHeaders(status, -1);
    }
  }

  private int answer(HttpExchange exchange) throws IOException {
    if (!isAllowed(exchange.getRequestHeaders().getFirst("Authorization"))) {
      return 401;
    }
    if (!exchange.getRequestMethod().equals("POST")) {
      return 405;
    }
    String encoding = exchange.getRequestHeaders().getFirst("Content-Encoding");
    if (encoding != null && !encoding.equals("identity")) {
      return 415;
    }
    synchronized (this) { // one body in memory at a time
      byte[] body;
      try (InputStream in = exchange.getRequestBody()) {
        body = in.readNBytes(BODY_LIMIT + 1);
      }
      if (body.length > BODY_LIMIT) {
        return 413;
      }
      try {
        return take(AuditEvents.parse(body, body.length));
      } catch (IOException e) {
        LOG.warn("an audit request from {} was refused", exchange.getRemoteAddress(), e);
        return 400;
      }
    }
  }

  private boolean isAllowed(String authorization) {
    if (token == null) {
      return true; // the certificate was checked by now
    }
    return authorization != null
        && authorization.startsWith(BEARER)
        && MessageDigest.isEqual(
            token, authorization.substring(BEARER.length()).getBytes(StandardCharsets.UTF_8));
  }

  /** What was taken once is not taken again when it is sent again. */
  private int take(AuditEvents events) {
    List<String> keys = new ArrayList<>();
    List<byte[]> fresh = new ArrayList<>();
    for (AuditEvents.Kept event : events.kept()) {
      if (!taken.containsKey(event.key())) {
        keys.add(event.key());
        fresh.add(event.encoded());
      }
    }
    if (fresh.size() > Inbox.EVENTS) {
      return 413;
    }
    if (!inbox.offer(Kind.AUDIT_VALUE, fresh.toArray(byte[][]::new))) {
      inbox.gaveUp(Kind.AUDIT_VALUE, fresh.size());
      return 503;
    }
    inbox.leftOut(Kind.AUDIT_VALUE, events.seen() - fresh.size());
    keys.forEach(key -> taken.put(key, true));
    return 200;
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
