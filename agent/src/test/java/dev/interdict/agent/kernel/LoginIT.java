package dev.interdict.agent.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interdict.agent.kernel.Victims.Place;
import dev.interdict.schema.Event;
import dev.interdict.schema.Kind;
import dev.interdict.schema.Login;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Real logins through the system's libpam, by a configuration of our own. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class LoginIT {
  private static final int PAM_AUTH_ERR = 7;

  @TempDir private static Path directory;
  private Victims victims;

  @BeforeAll
  void start() throws IOException {
    Victims.assumePossible();
    Assumptions.assumeTrue(
        Files.exists(Path.of("/usr/lib/x86_64-linux-gnu/libpam.so.0"))
            || Files.exists(Path.of("/usr/lib64/libpam.so.0")),
        "libpam is not installed");
    Path services = Files.createDirectories(directory.resolve("pam.d"));
    Files.writeString(services.resolve("allowed"), service("pam_permit.so"));
    Files.writeString(services.resolve("denied"), service("pam_deny.so"));
    victims =
        new Victims(directory, config -> config.withKinds(Set.of(Kind.EXEC, Kind.AUTHENTICATION)));
    Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> victims.sensor.isAttached());
  }

  private static String service(String module) {
    return "auth required %1$s\naccount required %1$s\nsession required %1$s\npassword required %1$s\n"
        .formatted(module);
  }

  @AfterAll
  void stop() {
    if (victims != null) {
      victims.close();
    }
  }

  private Event login(Place place, String service, String operation) throws IOException {
    String token =
        victims.run(
            place, "victim_app", "login", directory.resolve("pam.d").resolve(service).toString());
    return victims.await(
        token,
        Kind.AUTHENTICATION,
        event -> event.getAuthentication().getOperation().equals(operation));
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void shouldSeeWhoLoggedInFromWhere(Place place) throws IOException {
    for (String operation :
        List.of(
            "authenticate", "check_account", "open_session", "close_session", "change_password")) {
      Event event = login(place, "allowed", operation);
      victims.checkPlace(place, event);
      Login login = event.getAuthentication();
      assertThat(login.getSuccess()).isTrue();
      assertThat(login.getStatus()).isZero();
      assertThat(login.getService()).isEqualTo("allowed");
      assertThat(login.getUser()).isEqualTo("mallory");
      assertThat(login.getRemoteHost()).isEqualTo("203.0.113.9");
      assertThat(login.getTerminal()).isEqualTo("pts/77");
    }
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void shouldSeeThatALoginFailed(Place place) throws IOException {
    Login login = login(place, "denied", "authenticate").getAuthentication();
    assertThat(login.getService()).isEqualTo("denied");
    assertThat(login.getUser()).isEqualTo("mallory");
    assertThat(login.hasSuccess()).isTrue();
    assertThat(login.getSuccess()).isFalse();
    assertThat(login.getStatus()).isEqualTo(PAM_AUTH_ERR);
  }
}
