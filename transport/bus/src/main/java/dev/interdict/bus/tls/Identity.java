package dev.interdict.bus.tls;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.interdict.schema.Command;
import dev.interdict.schema.SignedCommand;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Set;
import javax.net.ssl.SSLException;

/**
 * A peer's own key and certificate, and the authority that it trusts. Immutable, safe for use by
 * many threads.
 */
public final class Identity implements IdentitySource {
  public static final String KEY_FILE = "key.pem";
  public static final String CERTIFICATE_FILE = "cert.pem";
  public static final String CA_FILE = "ca.pem";

  public static final String ALGORITHM = "SHA256withECDSA";
  private static final int MAX_CHAIN = 4;
  private static final int MAX_CERTIFICATE_BYTES = 16 * 1024;

  private final PrivateKey key;
  private final List<X509Certificate> chain;
  private final X509Certificate authority;
  private final PeerName name;
  private final List<byte[]> encodedChain;

  private Identity(
      PrivateKey key, List<X509Certificate> chain, X509Certificate authority, PeerName name)
      throws CertificateEncodingException {
    this.key = key;
    this.chain = List.copyOf(chain);
    this.authority = authority;
    this.name = name;
    List<byte[]> encoded = new ArrayList<>(chain.size());
    for (X509Certificate certificate : chain) {
      encoded.add(certificate.getEncoded());
    }
    this.encodedChain = List.copyOf(encoded);
  }

  /** The chain starts with the holder's certificate and does not contain the authority's. */
  public static Identity of(
      PrivateKey key, List<X509Certificate> chain, X509Certificate authority) {
    try {
      return new Identity(key, chain, authority, PeerName.of(chain.get(0)));
    } catch (CertificateException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  /** Reads {@code key.pem}, {@code cert.pem} and {@code ca.pem}. */
  public static Identity load(Path directory) throws IOException {
    Identity identity =
        of(
            Pem.readKey(directory.resolve(KEY_FILE)),
            Pem.readCertificates(directory.resolve(CERTIFICATE_FILE)),
            Pem.readCertificates(directory.resolve(CA_FILE)).get(0));
    if (!identity.fits()) {
      throw new IOException(
          directory.resolve(KEY_FILE) + " is not the key of the certificate beside it");
    }
    return identity;
  }

  /** The certificate of an authority from a PEM file. */
  public static X509Certificate readAuthority(Path file) throws IOException {
    return Pem.readCertificates(file).get(0);
  }

  private boolean fits() {
    byte[] data = new byte[] {1};
    try {
      Signature verifier = Signature.getInstance(ALGORITHM);
      verifier.initVerify(chain.get(0));
      verifier.update(data);
      return verifier.verify(sign(data));
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  /** Writes the three files; the key is readable by its owner only. */
  public void save(Path directory) throws IOException {
    Pem.writeKey(directory.resolve(KEY_FILE), key);
    Pem.writeCertificates(directory.resolve(CERTIFICATE_FILE), chain);
    Pem.writeCertificates(directory.resolve(CA_FILE), List.of(authority));
  }

  public PeerName name() {
    return name;
  }

  public Role role() {
    return name.role();
  }

  public String id() {
    return name.id();
  }

  public X509Certificate certificate() {
    return chain.get(0);
  }

  public X509Certificate authority() {
    return authority;
  }

  /** DER, the holder's first, as a verifier needs it beside a signature. */
  public List<byte[]> encodedChain() {
    return encodedChain;
  }

  public byte[] sign(byte[] data) {
    try {
      Signature signature = Signature.getInstance(ALGORITHM);
      signature.initSign(key);
      signature.update(data);
      return signature.sign();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("cannot sign as " + name + ": " + e.getMessage(), e);
    }
  }

  public SignedCommand sign(Command command) {
    byte[] bytes = command.toByteArray();
    SignedCommand.Builder signed =
        SignedCommand.newBuilder()
            .setCommand(UnsafeByteOperations.unsafeWrap(bytes))
            .setSignature(UnsafeByteOperations.unsafeWrap(sign(bytes)));
    for (byte[] certificate : encodedChain) {
      signed.addCertificateChain(ByteString.copyFrom(certificate));
    }
    return signed.build();
  }

  /** Who signed, as certified by this identity's authority and valid at the given time. */
  public PeerName verify(SignedCommand signed, Instant at) throws GeneralSecurityException {
    List<byte[]> certificates = new ArrayList<>(signed.getCertificateChainCount());
    for (int i = 0; i < signed.getCertificateChainCount(); i++) {
      certificates.add(signed.getCertificateChain(i).toByteArray());
    }
    return verify(
        signed.getCommand().toByteArray(),
        signed.getSignature().toByteArray(),
        certificates,
        authority,
        at);
  }

  /**
   * Checks a signature and the certificate behind it, without revocation lists: certificates are
   * short-lived.
   *
   * @return who signed
   */
  public static PeerName verify(
      byte[] data,
      byte[] signature,
      List<byte[]> encodedChain,
      X509Certificate authority,
      Instant at)
      throws GeneralSecurityException {
    X509Certificate certificate = validate(encodedChain, authority, at);
    Signature verifier = Signature.getInstance(ALGORITHM);
    verifier.initVerify(certificate);
    verifier.update(data);
    PeerName signer = PeerName.of(certificate);
    if (!verifier.verify(signature)) {
      throw new SignatureException("the signature does not fit the data, claimed signer=" + signer);
    }
    return signer;
  }

  /** The first certificate of a chain, if the authority vouches for it at the given time. */
  public static X509Certificate validate(
      List<byte[]> encodedChain, X509Certificate authority, Instant at)
      throws GeneralSecurityException {
    if (encodedChain.isEmpty() || encodedChain.size() > MAX_CHAIN) {
      throw new CertificateException(
          "invalid certificateChain.length=" + encodedChain.size() + " limit=" + MAX_CHAIN);
    }
    CertificateFactory factory = CertificateFactory.getInstance("X.509");
    List<X509Certificate> chain = new ArrayList<>(encodedChain.size());
    for (byte[] encoded : encodedChain) {
      if (encoded.length > MAX_CERTIFICATE_BYTES) {
        throw new CertificateException(
            "invalid certificate.length=" + encoded.length + " limit=" + MAX_CERTIFICATE_BYTES);
      }
      chain.add((X509Certificate) factory.generateCertificate(new ByteArrayInputStream(encoded)));
    }
    PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(authority, null)));
    parameters.setRevocationEnabled(false);
    parameters.setDate(Date.from(at));
    CertPathValidator.getInstance("PKIX").validate(factory.generateCertPath(chain), parameters);
    return chain.get(0);
  }

  SslContext joinContext() throws SSLException {
    List<X509Certificate> withAuthority = new ArrayList<>(chain);
    withAuthority.add(authority);
    return SslContextBuilder.forServer(key, withAuthority)
        .sslProvider(SslProvider.JDK)
        .protocols("TLSv1.3")
        .build();
  }

  @Override
  public Identity identity() {
    return this;
  }

  /** TLS 1.3 only, and the client must show a certificate of the same authority. */
  public SslContext serverContext() throws SSLException {
    return SslContextBuilder.forServer(key, chain)
        .sslProvider(SslProvider.JDK)
        .protocols("TLSv1.3")
        .trustManager(authority)
        .clientAuth(ClientAuth.REQUIRE)
        .build();
  }

  /**
   * Host names are not checked: a backplane is known by the role in its certificate, wherever it
   * runs.
   */
  public SslContext clientContext() throws SSLException {
    return SslContextBuilder.forClient()
        .sslProvider(SslProvider.JDK)
        .protocols("TLSv1.3")
        .keyManager(key, chain)
        .trustManager(authority)
        .endpointIdentificationAlgorithm(null)
        .build();
  }
}
