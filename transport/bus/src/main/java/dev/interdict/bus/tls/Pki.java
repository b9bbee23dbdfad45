package dev.interdict.bus.tls;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A small certificate authority for people without one. All keys are EC P-256. */
public final class Pki {
  public static final String KEY_FILE = "ca-key.pem";

  // Clocks of hosts differ; a certificate that is valid only from now on fails on the slower one.
  private static final Duration BACKDATE = Duration.ofMinutes(5);
  private static final int SERIAL_BITS = 127;

  private final PrivateKey key;
  private final X509Certificate certificate;

  private Pki(PrivateKey key, X509Certificate certificate) {
    this.key = key;
    this.certificate = certificate;
  }

  public static Pki create(String name, Duration validity) {
    Instant now = Instant.now();
    KeyPair pair = newKeyPair();
    X500Principal subject = new X500Principal("CN=" + name + ",O=Interdict");
    try {
      JcaX509ExtensionUtils extensions = new JcaX509ExtensionUtils();
      X509v3CertificateBuilder builder =
          new JcaX509v3CertificateBuilder(
                  subject,
                  newSerial(),
                  Date.from(now.minus(BACKDATE)),
                  Date.from(now.plus(validity)),
                  subject,
                  pair.getPublic())
              .addExtension(Extension.basicConstraints, true, new BasicConstraints(0))
              .addExtension(
                  Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign))
              .addExtension(
                  Extension.subjectKeyIdentifier,
                  false,
                  extensions.createSubjectKeyIdentifier(pair.getPublic()));
      return new Pki(pair.getPrivate(), signed(builder, pair.getPrivate()));
    } catch (CertIOException | GeneralSecurityException | OperatorCreationException e) {
      throw new IllegalStateException("cannot make authority " + name + ": " + e.getMessage(), e);
    }
  }

  /** Reads {@code ca-key.pem} and {@code ca.pem}. */
  public static Pki load(Path directory) throws IOException {
    return new Pki(
        Pem.readKey(directory.resolve(KEY_FILE)),
        Pem.readCertificates(directory.resolve(Identity.CA_FILE)).get(0));
  }

  /** Writes both files; the key is readable by its owner only. */
  public void save(Path directory) throws IOException {
    Pem.writeKey(directory.resolve(KEY_FILE), key);
    Pem.writeCertificates(directory.resolve(Identity.CA_FILE), List.of(certificate));
  }

  public X509Certificate certificate() {
    return certificate;
  }

  /** A new key with its certificate, valid from now on. */
  public Identity issue(Role role, String id, Duration validity) {
    Instant now = Instant.now();
    return issue(role, id, now.minus(BACKDATE), now.plus(validity));
  }

  public Identity issue(Role role, String id, Instant notBefore, Instant notAfter) {
    KeyPair pair = newKeyPair();
    X509Certificate issued = certify(new PeerName(role, id), pair.getPublic(), notBefore, notAfter);
    return Identity.of(pair.getPrivate(), List.of(issued), certificate);
  }

  /** For a peer that made its own key. */
  public X509Certificate certify(
      PeerName name, PublicKey publicKey, Instant notBefore, Instant notAfter) {
    try {
      JcaX509ExtensionUtils extensions = new JcaX509ExtensionUtils();
      X509v3CertificateBuilder builder =
          new JcaX509v3CertificateBuilder(
                  certificate.getSubjectX500Principal(),
                  newSerial(),
                  Date.from(notBefore),
                  Date.from(notAfter),
                  new X500Principal("CN=" + name.role().text() + " " + name.id() + ",O=Interdict"),
                  publicKey)
              .addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
              .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature))
              .addExtension(Extension.extendedKeyUsage, false, purposes(name.role()))
              .addExtension(
                  Extension.subjectAlternativeName,
                  false,
                  new GeneralNames(
                      new GeneralName(GeneralName.uniformResourceIdentifier, name.uri())))
              .addExtension(
                  Extension.authorityKeyIdentifier,
                  false,
                  extensions.createAuthorityKeyIdentifier(certificate));
      return signed(builder, key);
    } catch (CertIOException | GeneralSecurityException | OperatorCreationException e) {
      throw new IllegalStateException("cannot certify " + name + ": " + e.getMessage(), e);
    }
  }

  private static ExtendedKeyUsage purposes(Role role) {
    return new ExtendedKeyUsage(
        role == Role.BACKPLANE ? KeyPurposeId.id_kp_serverAuth : KeyPurposeId.id_kp_clientAuth);
  }

  private static X509Certificate signed(X509v3CertificateBuilder builder, PrivateKey key)
      throws GeneralSecurityException, OperatorCreationException {
    return new JcaX509CertificateConverter()
        .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(key)));
  }

  private static BigInteger newSerial() {
    return new BigInteger(SERIAL_BITS, new SecureRandom()).add(BigInteger.ONE);
  }

  static KeyPair newKeyPair() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK has no EC P-256: " + e.getMessage(), e);
    }
  }
}
