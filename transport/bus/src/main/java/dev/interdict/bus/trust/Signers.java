package dev.interdict.bus.trust;

import com.google.protobuf.ByteString;
import dev.interdict.bus.tls.Identity;
import dev.interdict.bus.tls.PeerName;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.security.SignatureException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Checks signatures of peers. A chain of certificates is validated when it is first met and then
 * remembered while it is valid, since that costs more than the signature itself. Any thread.
 */
public final class Signers {
  private static final int REMEMBERED = 4096;

  private record Known(X509Certificate certificate, PeerName name, X509Certificate authority) {}

  private final Supplier<X509Certificate> authority;
  private final Map<List<ByteString>, Known> known =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<List<ByteString>, Known> eldest) {
          return size() > REMEMBERED;
        }
      };

  public Signers(Supplier<X509Certificate> authority) {
    this.authority = authority;
  }

  /** Who signed, as certified by the authority and valid at the given time. */
  public PeerName verify(byte[] data, ByteString signature, List<ByteString> chain, Instant at)
      throws GeneralSecurityException {
    Known signer = signer(chain, at);
    Signature verifier = Signature.getInstance(Identity.ALGORITHM);
    verifier.initVerify(signer.certificate());
    verifier.update(data);
    if (!verifier.verify(signature.toByteArray())) {
      throw new SignatureException(
          "the signature does not fit the data, claimed signer=" + signer.name());
    }
    return signer.name();
  }

  private synchronized Known signer(List<ByteString> chain, Instant at)
      throws GeneralSecurityException {
    X509Certificate trusted = authority.get();
    Known found = known.get(chain);
    if (found != null
        && found.authority() == trusted
        && !at.isAfter(found.certificate().getNotAfter().toInstant())) {
      return found;
    }
    List<byte[]> encoded = new ArrayList<>(chain.size());
    chain.forEach(certificate -> encoded.add(certificate.toByteArray()));
    X509Certificate certificate = Identity.validate(encoded, trusted, at);
    Known valid = new Known(certificate, PeerName.of(certificate), trusted);
    known.put(List.copyOf(chain), valid);
    return valid;
  }
}
