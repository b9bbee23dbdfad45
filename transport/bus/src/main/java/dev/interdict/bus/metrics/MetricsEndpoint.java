package dev.interdict.bus.metrics;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.interdict.bus.backplane.Backplane;
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

  private final HttpServer server;
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final BackplaneMetrics metrics;
  // One scrape at a time.
  private final ThreadPoolExecutor thread =
      new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(BACKLOG));

  private MetricsEndpoint(HttpServer server, Backplane backplane) {
    this.server = server;
    this.metrics = new BackplaneMetrics(backplane, registry);
  }

  public static MetricsEndpoint start(InetSocketAddress bind, Backplane backplane)
      throws IOException {
    HttpServer server = HttpServer.create(bind, BACKLOG);
    MetricsEndpoint endpoint = new MetricsEndpoint(server, backplane);
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
      metrics.refresh();
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
