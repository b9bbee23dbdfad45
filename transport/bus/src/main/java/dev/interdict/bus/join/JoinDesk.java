package dev.interdict.bus.join;

import com.google.protobuf.ByteString;
import dev.interdict.bus.tls.CertificateRequest;
import dev.interdict.bus.tls.PeerName;
import dev.interdict.bus.tls.Pki;
import dev.interdict.bus.tls.Role;
import dev.interdict.bus.trust.Signers;
import dev.interdict.record.NodeId;
import dev.interdict.schema.JoinRequest;
import dev.interdict.schema.JoinResponse;
import dev.interdict.schema.Renewal;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives certificates to those who have grounds for one: a one-time token, a token of a pod of the
 * cluster, or the certificate that is to be renewed. Any thread.
 */
public final class JoinDesk {
  private static final Logger log = LoggerFactory.getLogger(JoinDesk.class);
  private static final String ISSUED = "issued";
  private static final byte[] RENEWAL = "interdict renewal 1\0".getBytes(StandardCharsets.US_ASCII);
  // Clocks of hosts differ.
  private static final Duration BACKDATE = Duration.ofMinutes(5);
  private static final int MAX_TOKEN_LENGTH = 8192;

  /**
   * What pods may join as.
   *
   * @param accounts by {@code system:serviceaccount:NAMESPACE:NAME}
   */
  public record Kubernetes(KubernetesTokens tokens, Map<String, Role> accounts) {
    public Kubernetes {
      accounts = Map.copyOf(accounts);
    }
  }

  private final Path directory;
  private final Pki authority;
  private final Duration validity;
  private final Kubernetes kubernetes;
  private final InstantSource clock;
  private final JoinTokens tokens;
  private final Signers signers;

  /** {@code directory} is that of the authority; {@code kubernetes} may be null. */
  public JoinDesk(Path directory, Duration validity, Kubernetes kubernetes, InstantSource clock)
      throws IOException {
    this.directory = directory;
    this.authority = Pki.load(directory);
    this.validity = validity;
    this.kubernetes = kubernetes;
    this.clock = clock;
    this.tokens = new JoinTokens(directory);
    this.signers = new Signers(authority::certificate);
  }

  public Pki authority() {
    return authority;
  }

  public JoinResponse admit(JoinRequest request) throws JoinRefusedException, IOException {
    PublicKey key;
    try {
      key = CertificateRequest.requestedKey(request.getCertificateRequest().toByteArray());
    } catch (GeneralSecurityException e) {
      throw new JoinRefusedException(e.getMessage(), e);
    }
    PeerName name = nameFor(request, key);
    Instant now = clock.instant();
    try {
      JoinResponse response =
          JoinResponse.newBuilder()
              .addCertificateChain(
                  ByteString.copyFrom(
                      authority
                          .certify(name, key, now.minus(BACKDATE), now.plus(validity))
                          .getEncoded()))
              .setAuthority(ByteString.copyFrom(authority.certificate().getEncoded()))
              .build();
      log.info("certificate issued to {}, valid for {}", name, validity);
      return response;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("unencodable certificate for " + name, e);
    }
  }

  private PeerName nameFor(JoinRequest request, PublicKey key)
      throws JoinRefusedException, IOException {
    if (request.hasRenewal()) {
      return renewing(request);
    }
    if (!request.getKubernetesToken().isEmpty()) {
      return podOf(request.getKubernetesToken(), request.getId());
    }
    return holderOf(JoinToken.parse(request.getToken()), request.getId(), key);
  }

  private PeerName renewing(JoinRequest request) throws JoinRefusedException {
    Renewal renewal = request.getRenewal();
    try {
      return signers.verify(
          renewalData(request.getCertificateRequest()),
          renewal.getSignature(),
          renewal.getCertificateChainList(),
          clock.instant());
    } catch (GeneralSecurityException e) {
      throw new JoinRefusedException(
          "the certificate that is to be renewed is not accepted: " + e.getMessage(), e);
    }
  }

  static byte[] renewalData(ByteString certificateRequest) {
    return ByteBuffer.allocate(RENEWAL.length + certificateRequest.size())
        .put(RENEWAL)
        .put(certificateRequest.asReadOnlyByteBuffer())
        .array();
  }

  private PeerName podOf(String token, String wished) throws JoinRefusedException, IOException {
    if (kubernetes == null) {
      throw new JoinRefusedException("tokens of Kubernetes are not accepted here");
    }
    if (token.length() > MAX_TOKEN_LENGTH) {
      throw new JoinRefusedException(
          "invalid kubernetesToken.length=" + token.length() + " limit=" + MAX_TOKEN_LENGTH);
    }
    KubernetesTokens.Holder holder = kubernetes.tokens().review(token);
    Role role = kubernetes.accounts().get(holder.account());
    if (role == null) {
      throw new JoinRefusedException(
          "account="
              + holder.account()
              + " may not join; accepted: "
              + new TreeMap<>(kubernetes.accounts()));
    }
    PeerName name = role == Role.NODE ? nodeOf(holder) : accountOf(holder, role);
    if (!wished.isEmpty() && !wished.equals(name.id())) {
      throw new JoinRefusedException(
          "id=" + wished + " is wished for, but " + holder.account() + " is " + name);
    }
    return name;
  }

  private static PeerName nodeOf(KubernetesTokens.Holder holder) throws JoinRefusedException {
    if (holder.nodeName().isEmpty()) {
      throw new JoinRefusedException(
          "the token of account="
              + holder.account()
              + " is not bound to a node: use a projected token of a pod, on Kubernetes 1.30 or"
              + " newer");
    }
    return new PeerName(Role.NODE, clusterNode(holder));
  }

  /** NAMESPACE.NAME of its account: pods of one account are one peer to the bus. */
  private static PeerName accountOf(KubernetesTokens.Holder holder, Role role)
      throws JoinRefusedException {
    try {
      return new PeerName(
          role, holder.account().replaceFirst("^system:serviceaccount:", "").replace(':', '.'));
    } catch (IllegalArgumentException e) {
      throw new JoinRefusedException("account=" + holder.account() + ": " + e.getMessage(), e);
    }
  }

  /** The node's own uid, or one made of its name: the same each time that it joins. */
  private static String clusterNode(KubernetesTokens.Holder holder) throws JoinRefusedException {
    if (holder.nodeUid().isEmpty()) {
      return UUID.nameUUIDFromBytes(
              ("kubernetes node " + holder.nodeName()).getBytes(StandardCharsets.UTF_8))
          .toString();
    }
    try {
      return NodeId.parse(holder.nodeUid()).toString();
    } catch (IllegalArgumentException e) {
      throw new JoinRefusedException("uid of node " + holder.nodeName() + ": " + e.getMessage(), e);
    }
  }

  private PeerName holderOf(JoinToken token, String wished, PublicKey key)
      throws JoinRefusedException, IOException {
    if (!token.fingerprint().equals(JoinToken.fingerprint(authority.certificate()))) {
      throw new JoinRefusedException("token " + token + " is of another authority");
    }
    // What can be refused is refused before the token is spent.
    JoinTokens.Grant grant = tokens.look(token, clock.instant());
    String id = grant.id().isEmpty() ? wished : grant.id();
    if (id.isEmpty()) {
      throw new JoinRefusedException("token " + token + " names no id, and none was wished for");
    }
    if (!wished.isEmpty() && !wished.equals(id)) {
      throw new JoinRefusedException(
          "id=" + wished + " is wished for, but token " + token + " is for id=" + id);
    }
    PeerName name;
    try {
      name = new PeerName(grant.role(), id);
      if (grant.role() == Role.NODE) {
        NodeId.parse(id);
      }
    } catch (IllegalArgumentException e) {
      throw new JoinRefusedException(e.getMessage(), e);
    }
    if (grant.id().isEmpty()) {
      checkNotAnothers(name, key);
    }
    tokens.spend(token);
    Files.createDirectories(directory.resolve(ISSUED));
    Files.writeString(issued(name), fingerprint(key), StandardCharsets.US_ASCII);
    return name;
  }

  /** An id that was given to another key is given again only by a token that names it. */
  private void checkNotAnothers(PeerName name, PublicKey key)
      throws JoinRefusedException, IOException {
    Path file = issued(name);
    if (Files.exists(file)
        && !Files.readString(file, StandardCharsets.US_ASCII).equals(fingerprint(key))) {
      throw new JoinRefusedException(
          name
              + " was given to another key; for a host that has lost its key issue a token that"
              + " names this id");
    }
  }

  private Path issued(PeerName name) {
    return directory.resolve(ISSUED).resolve(name.toString().replace('/', '-'));
  }

  private static String fingerprint(PublicKey key) {
    return HexFormat.of().formatHex(JoinToken.sha256(key.getEncoded()));
  }
}
