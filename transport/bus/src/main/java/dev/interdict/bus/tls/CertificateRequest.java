package dev.interdict.bus.tls;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCSException;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/** A key that never leaves its host, and the request for a certificate over it (PKCS #10). */
public final class CertificateRequest {
  private static final int KEY_BITS = 256;
  private static final int MAX_LENGTH = 4096;

  private final PrivateKey key;
  private final byte[] encoded;

  private CertificateRequest(PrivateKey key, byte[] encoded) {
    this.key = key;
    this.encoded = encoded;
  }

  public static CertificateRequest create() {
    KeyPair pair = Pki.newKeyPair();
    try {
      return new CertificateRequest(
          pair.getPrivate(),
          new JcaPKCS10CertificationRequestBuilder(
                  new X500Principal("O=Interdict"), pair.getPublic())
              .build(new JcaContentSignerBuilder(Identity.ALGORITHM).build(pair.getPrivate()))
              .getEncoded());
    } catch (OperatorCreationException | IOException e) {
      throw new IllegalStateException("cannot request a certificate: " + e.getMessage(), e);
    }
  }

  public byte[] encoded() {
    return encoded.clone();
  }

  public Identity fulfilled(List<X509Certificate> chain, X509Certificate authority) {
    return Identity.of(key, chain, authority);
  }

  /** The key for which a request asks, if whoever made it has the private part. */
  public static PublicKey requestedKey(byte[] encoded) throws GeneralSecurityException {
    if (encoded.length == 0 || encoded.length > MAX_LENGTH) {
      throw new GeneralSecurityException(
          "invalid certificateRequest.length=" + encoded.length + " limit=" + MAX_LENGTH);
    }
    try {
      JcaPKCS10CertificationRequest request = new JcaPKCS10CertificationRequest(encoded);
      PublicKey key = request.getPublicKey();
      if (!(key instanceof ECPublicKey curve)
          || curve.getParams().getCurve().getField().getFieldSize() != KEY_BITS) {
        throw new GeneralSecurityException("the key is not EC P-256: " + key.getAlgorithm());
      }
      if (!request.isSignatureValid(new JcaContentVerifierProviderBuilder().build(key))) {
        throw new GeneralSecurityException("the request is not signed with its own key");
      }
      return key;
    } catch (IOException | PKCSException | OperatorCreationException e) {
      throw new GeneralSecurityException("unreadable certificate request: " + e.getMessage(), e);
    }
  }
}
