package dev.interdict.bus.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.interdict.bus.backplane.Backplane;
import dev.interdict.bus.backplane.BackplaneConfig;
import dev.interdict.bus.backplane.RawPeer;
import dev.interdict.bus.tls.Identity;
import dev.interdict.bus.tls.IdentityFiles;
import dev.interdict.bus.tls.Pki;
import dev.interdict.bus.tls.Role;
import dev.interdict.schema.Goodbye;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CertificateReloadTest {
  private static final Duration DAY = Duration.ofDays(1);
  private static final Duration SOON = Duration.ofMillis(50);

  private final Pki pki = Pki.create("test", DAY);

  private static InetSocketAddress loopback() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }

  @Test
  void shouldUseReplacedCertificatesOnBothSidesWithoutARestart(@TempDir Path directory)
      throws Exception {
    Path server = directory.resolve("server");
    Path client = directory.resolve("client");
    pki.issue(Role.BACKPLANE, "b", DAY).save(server);
    pki.issue(Role.CONSUMER, "c", DAY).save(client);
    try (IdentityFiles serverFiles = IdentityFiles.watch(server, SOON);
        IdentityFiles clientFiles = IdentityFiles.watch(client, SOON);
        Backplane backplane = Backplane.start(new BackplaneConfig(loopback(), serverFiles));
        BusClient bus =
            BusClient.connect(new BusConfig(List.of(backplane.address()), clientFiles), "c")) {
      bus.connected().get(10, TimeUnit.SECONDS);

      // Everything is of a new authority: with the old files nobody would be let in any more.
      Pki next = Pki.create("next", DAY);
      next.issue(Role.BACKPLANE, "b", DAY).save(server);
      next.issue(Role.CONSUMER, "c", DAY).save(client);
      await()
          .until(
              () ->
                  serverFiles.identity().authority().equals(next.certificate())
                      && clientFiles.identity().authority().equals(next.certificate()));

      await().until(() -> backplane.counters().connections.connections.sum() >= 2);
      Identity third = next.issue(Role.CONSUMER, "third", DAY);
      RawPeer.greeted(backplane.address(), third).close();
      assertThatThrownBy(
              () -> RawPeer.greeted(backplane.address(), pki.issue(Role.CONSUMER, "old", DAY)))
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void shouldKeepWhatItHasWhereTheNewFilesAreNoGood(@TempDir Path directory) throws Exception {
    Identity good = pki.issue(Role.CONSUMER, "c", DAY);
    good.save(directory);
    try (IdentityFiles files = IdentityFiles.watch(directory, SOON)) {
      Files.writeString(directory.resolve(Identity.CERTIFICATE_FILE), "nonsense");
      await().during(Duration.ofMillis(300)).until(() -> files.identity().id().equals("c"));
      pki.issue(Role.ADMIN, "root", DAY).save(directory);
      await().during(Duration.ofMillis(300)).until(() -> files.identity().id().equals("c"));

      Identity renewed = pki.issue(Role.CONSUMER, "c", DAY);
      renewed.save(directory);
      await().until(() -> files.identity().certificate().equals(renewed.certificate()));
    }
  }

  @Test
  void shouldNotTakeAKeyThatDoesNotFit(@TempDir Path directory) throws Exception {
    pki.issue(Role.CONSUMER, "a", DAY).save(directory.resolve("a"));
    pki.issue(Role.CONSUMER, "b", DAY).save(directory.resolve("b"));
    Files.copy(
        directory.resolve("a").resolve(Identity.KEY_FILE),
        directory.resolve("b").resolve(Identity.KEY_FILE),
        StandardCopyOption.REPLACE_EXISTING);
    assertThatThrownBy(() -> Identity.load(directory.resolve("b")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("is not the key of the certificate beside it");
  }

  @Test
  void shouldCloseAConnectionWhenTheCertificateBehindItExpires() throws Exception {
    try (Backplane backplane =
        Backplane.start(new BackplaneConfig(loopback(), pki.issue(Role.BACKPLANE, "b", DAY)))) {
      Instant now = Instant.now();
      Identity brief =
          pki.issue(Role.CONSUMER, "brief", now.minus(DAY), now.plus(Duration.ofSeconds(4)));
      try (RawPeer peer = RawPeer.greeted(backplane.address(), brief)) {
        Goodbye goodbye = peer.awaitGoodbye();
        assertThat(goodbye.getCode()).isEqualTo(Goodbye.Code.FORBIDDEN);
        assertThat(goodbye.getMessage()).startsWith("certificate of consumer/brief expired at");
      }
    }
  }
}
