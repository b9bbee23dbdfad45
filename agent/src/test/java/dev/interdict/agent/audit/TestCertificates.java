package dev.interdict.agent.audit;

import dev.interdict.bus.tls.Identity;
import dev.interdict.bus.tls.Pki;
import dev.interdict.bus.tls.Role;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import javax.net.ssl.SSLContext;

/** Keys and certificates for a server of a test. */
public final class TestCertificates {
  private static final Duration DAY = Duration.ofDays(1);

  private TestCertificates() {}

  /** Writes {@code key.pem}, {@code cert.pem} and {@code ca.pem}. */
  static void write(Path directory) throws IOException {
    Pki.create("test", DAY).issue(Role.BACKPLANE, "localhost", DAY).save(directory);
  }

  public static SSLContext context(Path directory) throws IOException {
    write(directory);
    return TlsFiles.context(
        directory.resolve(Identity.KEY_FILE), directory.resolve(Identity.CERTIFICATE_FILE), null);
  }
}
