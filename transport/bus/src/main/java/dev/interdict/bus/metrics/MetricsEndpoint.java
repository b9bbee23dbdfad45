package dev.interdict.bus.metrics;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * GET /metrics in Prometheus' text format. Without TLS and sign-in: for loopback or a scraper's
 * net.
 */
public final class MetricsEndpoint implements AutoCloseable {
  private static final int BACKLOG = 16;

  /** What a part of Interdict tells of itself. */
  public interface Meters {
    /** Once, before the first scrape. */
    void register(MeterRegistry registry);

    /** Before each scrape, one at a time. */
    default void refresh() {}
  }

  private final HttpServer server;
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final Meters meters;
  // One scrape at a time.
  private final ThreadPoolExecutor thread =
      new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(BACKLOG));

  private MetricsEndpoint(HttpServer server, Meters meters) {
    this.server = server;
    this.meters = meters;
    meters.register(registry);
  }

  public static MetricsEndpoint start(InetSocketAddress bind, Meters meters) throws IOException {
    HttpServer server = HttpServer.create(bind, BACKLOG);
    MetricsEndpoint endpoint = new MetricsEndpoint(server, meters);
    server.createContext("/metrics", endpoint::answer);
    server.setExecutor(endpoint.thread);
    server.start();
    return endpoint;
  }

  public InetSocketAddress address() {
    return server.getAddress();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      if (!exchange.getRequestMethod().equals("GET")) {
        exchange.sendResponseHeaders(405, -1);
        return;
      }
      meters.refresh();
      byte[] body = registry.scrape().getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    thread.shutdownNow();
    registry.close();
  }
}
