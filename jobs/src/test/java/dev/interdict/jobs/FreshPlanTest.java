package dev.interdict.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Against a server that answers as the API server does; a real one is asked on a cluster. */
class FreshPlanTest {
  private final AtomicReference<String> asked = new AtomicReference<>();
  private final AtomicInteger status = new AtomicInteger(200);
  private HttpServer server;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          String body =
              new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
          asked.set(
              String.join(
                  " ",
                  exchange.getRequestMethod(),
                  exchange.getRequestURI().toString(),
                  exchange.getRequestHeaders().getFirst("Authorization"),
                  exchange.getRequestHeaders().getFirst("Content-Type"),
                  body));
          byte[] answer = "no right to it".getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(status.get(), answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private boolean forget() throws Exception {
    return new FreshPlan(
            URI.create("http://127.0.0.1:" + server.getAddress().getPort()),
            SSLContext.getDefault(),
            "token")
        .forget("security", "interdict-detection", "00aa");
  }

  @Test
  void shouldRemoveThePlanOfThisJobAndNothingElse() throws Exception {
    assertThat(forget()).isTrue();
    assertThat(asked.get())
        .isEqualTo(
            "PATCH /api/v1/namespaces/security/configmaps/interdict-detection-cluster-config-map"
                + " Bearer token application/merge-patch+json"
                + " {\"data\":{\"executionPlan-00aa\":null}}");
  }

  @Test
  void shouldLetAClusterStartThatHasNotRunYet() throws Exception {
    status.set(404);
    assertThat(forget()).isFalse();
  }

  @Test
  void shouldFailWhereItMayNot() {
    status.set(403);
    assertThatThrownBy(this::forget)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("answered 403")
        .hasMessageContaining("no right to it");
  }
}
