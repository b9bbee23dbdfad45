package dev.interdict.bus.tls;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;

/** The older form of an EC key, as {@code openssl ecparam -genkey} writes it. */
final class Sec1 {
  private Sec1() {}

  static PrivateKey read(byte[] content) throws IOException, GeneralSecurityException {
    ECPrivateKey key;
    try {
      key = ECPrivateKey.getInstance(content);
    } catch (IllegalArgumentException e) {
      throw new IOException("not an EC key: " + e.getMessage(), e);
    }
    if (key.getParametersObject() == null) {
      throw new IOException("an EC key that does not name its curve");
    }
    AlgorithmIdentifier algorithm =
        new AlgorithmIdentifier(X9ObjectIdentifiers.id_ecPublicKey, key.getParametersObject());
    byte[] pkcs8 = new PrivateKeyInfo(algorithm, key).getEncoded();
    return KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
  }
}
