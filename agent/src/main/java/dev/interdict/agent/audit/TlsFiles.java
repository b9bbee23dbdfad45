package dev.interdict.agent.audit;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** A TLS server's context from PEM files. */
final class TlsFiles {
  private static final long LIMIT = 1 << 20;
  private static final String KEY_BEGIN = "-----BEGIN PRIVATE KEY-----";
  private static final String KEY_END = "-----END PRIVATE KEY-----";

  private TlsFiles() {}

  /**
   * @param clientAuthority whose clients are let in; null: clients show no certificate
   */
  static SSLContext context(Path key, Path certificates, Path clientAuthority) throws IOException {
    try {
      KeyStore own = KeyStore.getInstance("PKCS12");
      own.load(null, null);
      own.setKeyEntry(
          "key",
          privateKey(key),
          new char[0],
          certificates(certificates).toArray(Certificate[]::new));
      KeyManagerFactory keys =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(own, new char[0]);
      KeyStore trusted = KeyStore.getInstance("PKCS12");
      trusted.load(null, null);
      if (clientAuthority != null) {
        for (Certificate each : certificates(clientAuthority)) {
          trusted.setCertificateEntry("ca" + trusted.size(), each);
        }
      }
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(trusted);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IOException(
          "cannot serve TLS with key="
              + key
              + " certificate="
              + certificates
              + ": "
              + e.getMessage(),
          e);
    }
  }

  private static byte[] read(Path file) throws IOException {
    if (Files.size(file) > LIMIT) {
      throw new IOException(
          "invalid size=" + Files.size(file) + " limit=" + LIMIT + " file=" + file);
    }
    return Files.readAllBytes(file);
  }

  private static List<Certificate> certificates(Path file)
      throws IOException, GeneralSecurityException {
    return List.copyOf(
        CertificateFactory.getInstance("X.509")
            .generateCertificates(new ByteArrayInputStream(read(file))));
  }

  private static PrivateKey privateKey(Path file) throws IOException, GeneralSecurityException {
    String text = new String(read(file), StandardCharsets.US_ASCII);
    int from = text.indexOf(KEY_BEGIN);
    int to = text.indexOf(KEY_END);
    if (from < 0 || to < from) {
      throw new IOException(
          "no `" + KEY_BEGIN + "` in " + file + "; make it with: openssl pkcs8 -topk8 -nodes");
    }
    byte[] encoded = Base64.getMimeDecoder().decode(text.substring(from + KEY_BEGIN.length(), to));
    for (String algorithm : List.of("EC", "RSA", "Ed25519")) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(encoded));
      } catch (InvalidKeySpecException e) {
        continue; // of another algorithm
      }
    }
    throw new IOException("the key in " + file + " is none of EC, RSA and Ed25519");
  }
}
