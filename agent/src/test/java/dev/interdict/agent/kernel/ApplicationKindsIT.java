package dev.interdict.agent.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.interdict.agent.audit.TestCertificates;
import dev.interdict.agent.kernel.Victims.Place;
import dev.interdict.schema.Event;
import dev.interdict.schema.Http;
import dev.interdict.schema.Kind;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The real bash on a terminal, and real clients that talk HTTPS to a server of ours. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ApplicationKindsIT {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final Path BASH = Path.of("/usr/bin/bash");
  private static final Path LIBRARIES = Path.of("/usr/lib/x86_64-linux-gnu");

  @TempDir private static Path directory;
  private Victims victims;
  private HttpsServer server;

  @BeforeAll
  void start() throws IOException {
    Victims.assumePossible();
    server = HttpsServer.create(new InetSocketAddress("127.0.0.1", 0), 8);
    server.setHttpsConfigurator(
        new HttpsConfigurator(TestCertificates.context(directory.resolve("server"))));
    server.createContext(
        "/",
        exchange -> {
          exchange.getResponseHeaders().add("Set-Cookie", "sid=hunter2; HttpOnly");
          exchange.sendResponseHeaders(418, 6);
          exchange.getResponseBody().write("teapot".getBytes(StandardCharsets.UTF_8));
          exchange.close();
        });
    server.start();
    victims =
        new Victims(
            directory,
            config -> config.withKinds(Set.of(Kind.EXEC, Kind.READLINE, Kind.TLS, Kind.SENSOR)));
    Awaitility.await().atMost(LIMIT).until(() -> victims.sensor.isAttached());
  }

  @AfterAll
  void stop() {
    if (victims != null) {
      victims.close();
    }
    if (server != null) {
      server.stop(0);
    }
  }

  private Event find(Kind kind, Predicate<Event> also) {
    return victims.events.stream()
        .filter(event -> event.getKind() == kind)
        .filter(also)
        .findFirst()
        .orElse(null);
  }

  /** Types the line again and again, as nobody is as quick as this after bash has begun. */
  private Event type(Place place, String bash) throws IOException {
    Assumptions.assumeTrue(Files.exists(Path.of("/usr/bin/script")), "script is not installed");
    String mark = UUID.randomUUID().toString();
    Process shell =
        victims.start(place, "script -qec '" + bash + " --norc --noprofile -i' /dev/null");
    try (OutputStream keys = shell.getOutputStream()) {
      return Awaitility.await()
          .atMost(LIMIT)
          .pollInterval(Duration.ofMillis(100))
          .until(
              () -> {
                keys.write(
                    ("true " + mark + " --password hunter2\n").getBytes(StandardCharsets.UTF_8));
                keys.flush();
                return find(Kind.READLINE, e -> e.getReadline().getLine().contains(mark));
              },
              event -> event != null);
    } finally {
      shell.destroy();
    }
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void shouldSeeWhatIsTypedIntoBash(Place place) throws IOException {
    Event event = type(place, BASH.toString());
    victims.checkPlace(place, event);
    assertThat(event.getReadline().getLine()).endsWith(" --password ***");
    assertThat(event.getReadline().getLibrary()).endsWith("/bash");
    assertThat(event.getProcess().getTty()).startsWith("pts");
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void shouldFollowACopyOfBash(Place place) throws IOException {
    Path copy = directory.resolve("bash-" + place);
    Files.copy(BASH, copy, StandardCopyOption.COPY_ATTRIBUTES);
    Event event = type(place, copy.toString());
    assertThat(event.getProcess().getExe()).isEqualTo(copy.toString());
    assertThat(event.getReadline().getLibrary()).isEqualTo(copy.toString());
  }

  private void seeRequestAndResponse(Place place, String client, String library)
      throws IOException {
    String mark = UUID.randomUUID().toString();
    String url =
        "https://127.0.0.1:" + server.getAddress().getPort() + "/" + mark + "?a=1&token=hunter2";
    Awaitility.await()
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(100))
        .until(
            () -> {
              victims.run(place, "victim_app", "sh", client.formatted(url));
              return find(Kind.TLS, e -> e.getTls().getPath().contains(mark)) != null;
            });
    Event request = find(Kind.TLS, e -> e.getTls().getPath().contains(mark));
    victims.checkPlace(place, request);
    Http sent = request.getTls();
    assertThat(sent.getDirection()).isEqualTo("request");
    assertThat(sent.getSent()).isTrue();
    assertThat(sent.getMethod()).isEqualTo("GET");
    assertThat(sent.getPath()).isEqualTo("/" + mark + "?a=1&token=***");
    assertThat(sent.getHost()).startsWith("127.0.0.1");
    assertThat(sent.getUserAgent()).isNotEmpty();
    assertThat(sent.getHead()).contains("Authorization: ***").doesNotContain("hunter2");
    assertThat(sent.getLibrary()).contains(library);
    Event answered =
        Awaitility.await()
            .atMost(LIMIT)
            .until(
                () ->
                    find(
                        Kind.TLS,
                        e ->
                            e.getTls().getDirection().equals("response")
                                && e.getProcess().getId() == request.getProcess().getId()),
                event -> event != null);
    assertThat(answered.getTls().getStatus()).isEqualTo(418);
    assertThat(answered.getTls().getSent()).isFalse();
    assertThat(answered.getTls().getHead()).containsIgnoringCase("Set-Cookie: ***");
    assertThat(answered.getTls().getHead()).doesNotContain("hunter2", "teapot");
  }

  private static final String CURL =
      "curl -sk --http1.1 -o /dev/null -H 'Authorization: Bearer hunter2' '%s'";

  @ParameterizedTest
  @EnumSource(Place.class)
  void shouldSeeCurlInsideTls(Place place) throws IOException {
    Assumptions.assumeTrue(Files.exists(Path.of("/usr/bin/curl")), "curl is not installed");
    seeRequestAndResponse(place, CURL, "libssl.so");
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void shouldFollowACopyOfLibssl(Place place) throws IOException {
    Assumptions.assumeTrue(Files.exists(Path.of("/usr/bin/curl")), "curl is not installed");
    Path library = LIBRARIES.resolve("libssl.so.3");
    Assumptions.assumeTrue(Files.exists(library), library + " is not installed");
    Path copies = Files.createDirectories(directory.resolve("libraries-" + place));
    Files.copy(library.toRealPath(), copies.resolve("libssl.so.3"));
    seeRequestAndResponse(place, "LD_LIBRARY_PATH=" + copies + " " + CURL, copies + "/libssl.so.3");
  }

  @Test
  void shouldSeePythonInsideTls() throws IOException {
    Path python = Path.of("/usr/bin/python3");
    Assumptions.assumeTrue(Files.exists(python), "python3 is not installed");
    String program =
        """
        /usr/bin/python3 -c "
        import ssl, urllib.request
        request = urllib.request.Request('%s', headers={'Authorization': 'Bearer hunter2'})
        try:
          urllib.request.urlopen(request, context=ssl._create_unverified_context())
        except urllib.error.HTTPError:
          pass
        "
        """;
    seeRequestAndResponse(Place.HOST, program, "libssl.so");
  }

  @Test
  void shouldSayWhatItCannotSee() {
    // This JVM and those beside it are not looked at by themselves: a fresh one is.
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    Awaitility.await()
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(100))
        .until(
            () -> {
              victims.run(Place.HOST, "victim_app", "sh", java + " -version 2>/dev/null");
              return find(Kind.SENSOR, e -> e.getSensor().getDetail().contains("libjvm.so"));
            },
            event -> event != null);
    Event event = find(Kind.SENSOR, e -> e.getSensor().getDetail().contains("libjvm.so"));
    assertThat(event.getSensor().getComponent()).isEqualTo("tls");
    assertThat(event.getSensor().getState()).isEqualTo("unseen");
    assertThat(event.getSensor().getDetail()).endsWith("talks TLS by itself: Java's own TLS");
    assertThat(victims.sensor.hooks())
        .anySatisfy(
            hook -> {
              assertThat(hook.kind()).isEqualTo("tls");
              assertThat(hook.state()).isEqualTo(Hook.State.UNAVAILABLE);
              assertThat(hook.reason()).contains("libjvm.so");
            });
  }
}
