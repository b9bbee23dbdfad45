package dev.interdict.bus.tls;

import java.security.cert.CertificateException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Who a certificate names: a role and an id, written as {@code spiffe://interdict/<role>/<id>}. */
public record PeerName(Role role, String id) {
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9._-]{1,128}");
  private static final Pattern URI = Pattern.compile("spiffe://interdict/([a-z]+)/([^/]+)");
  private static final int SAN_URI = 6;

  public PeerName {
    if (!ID.matcher(id).matches()) {
      throw new IllegalArgumentException("invalid id=" + id + " allowed=" + ID);
    }
  }

  public String uri() {
    return "spiffe://interdict/" + role.text() + "/" + id;
  }

  /** Reads the one bus name of a certificate; two names would leave open which one counts. */
  public static PeerName of(X509Certificate certificate) throws CertificateException {
    PeerName found = null;
    for (List<?> name : alternativeNames(certificate)) {
      if (!name.get(0).equals(SAN_URI) || !(name.get(1) instanceof String uri)) {
        continue;
      }
      Matcher matcher = URI.matcher(uri);
      if (!matcher.matches()) {
        continue;
      }
      if (found != null) {
        throw new CertificateException(
            "certificate has more than one name of the form spiffe://interdict/<role>/<id>: "
                + found.uri()
                + " and "
                + uri);
      }
      try {
        found = new PeerName(Role.parse(matcher.group(1)), matcher.group(2));
      } catch (IllegalArgumentException e) {
        throw new CertificateException("certificate name " + uri + ": " + e.getMessage(), e);
      }
    }
    if (found == null) {
      throw new CertificateException(
          "certificate of "
              + certificate.getSubjectX500Principal()
              + " has no name of the form spiffe://interdict/<role>/<id>");
    }
    return found;
  }

  private static Collection<List<?>> alternativeNames(X509Certificate certificate)
      throws CertificateParsingException {
    Collection<List<?>> names = certificate.getSubjectAlternativeNames();
    return names == null ? List.of() : names;
  }

  @Override
  public String toString() {
    return role.text() + "/" + id;
  }
}
