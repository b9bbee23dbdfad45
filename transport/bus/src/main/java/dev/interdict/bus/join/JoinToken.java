package dev.interdict.bus.join;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a host is given once: a number to find it by, a secret, and the fingerprint of the
 * authority, so that the host knows whom it talks to before it has any certificate.
 */
public record JoinToken(String number, String secret, String fingerprint) {
  private static final Pattern FORM =
      Pattern.compile("idj1\\.([0-9a-f]{16})\\.([0-9a-f]{48})\\.([0-9a-f]{64})");
  private static final SecureRandom RANDOM = new SecureRandom();

  static JoinToken random(X509Certificate authority) {
    return new JoinToken(hex(8), hex(24), fingerprint(authority));
  }

  private static String hex(int bytes) {
    byte[] random = new byte[bytes];
    RANDOM.nextBytes(random);
    return HexFormat.of().formatHex(random);
  }

  public static JoinToken parse(String text) throws JoinRefusedException {
    Matcher matcher = FORM.matcher(text.trim());
    if (!matcher.matches()) {
      throw new JoinRefusedException("this is no join token; one looks like idj1.NUMBER.SECRET.CA");
    }
    return new JoinToken(matcher.group(1), matcher.group(2), matcher.group(3));
  }

  public String text() {
    return "idj1." + number + "." + secret + "." + fingerprint;
  }

  byte[] secretHash() {
    return sha256(secret.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
  }

  static String fingerprint(X509Certificate certificate) {
    try {
      return HexFormat.of().formatHex(sha256(certificate.getEncoded()));
    } catch (CertificateEncodingException e) {
      throw new IllegalArgumentException("unencodable certificate: " + e.getMessage(), e);
    }
  }

  static byte[] sha256(byte[] data) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(data);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK has no SHA-256", e);
    }
  }

  /** Never the secret. */
  @Override
  public String toString() {
    return "idj1." + number;
  }
}
