package dev.interdict.bus.join;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interdict.bus.tls.Identity;
import dev.interdict.bus.tls.PeerName;
import dev.interdict.bus.tls.Pki;
import dev.interdict.bus.tls.Role;
import dev.interdict.record.NodeId;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JoinTest {
  private static final Duration DAY = Duration.ofDays(1);
  private static final String ACCOUNT = "system:serviceaccount:interdict:interdict-agent";

  private static final String DETECTION = "system:serviceaccount:interdict:interdict-detection";

  private final AtomicReference<Instant> now = new AtomicReference<>(Instant.now());
  private final AtomicReference<KubernetesTokens.Holder> holder = new AtomicReference<>();
  private Pki pki;
  private JoinTokens tokens;
  private JoinService service;

  @TempDir Path directory;

  @BeforeEach
  void start() throws IOException {
    pki = Pki.create("test", DAY);
    pki.save(directory);
    tokens = new JoinTokens(directory);
    JoinDesk desk =
        new JoinDesk(
            directory,
            Duration.ofHours(6),
            new JoinDesk.Kubernetes(
                token -> {
                  if (!token.equals("good")) {
                    throw new JoinRefusedException("the cluster does not accept the token");
                  }
                  return holder.get();
                },
                Map.of(ACCOUNT, Role.NODE, DETECTION, Role.CONSUMER)),
            now::get);
    service =
        JoinService.start(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            pki.issue(Role.BACKPLANE, "b1", DAY),
            desk);
  }

  @AfterEach
  void stop() {
    service.close();
  }

  private JoinToken token(Role role, String id) throws IOException {
    return tokens.issue(pki.certificate(), role, id, Duration.ofHours(1), now.get());
  }

  private Identity join(JoinToken token, String id) throws Exception {
    return JoinClient.join(service.address(), token, id);
  }

  @Test
  void shouldGiveAHostItsCertificateForATokenOnce() throws Exception {
    String id = NodeId.random().toString();
    JoinToken token = JoinToken.parse(token(Role.NODE, "").text());

    Identity joined = join(token, id);

    assertThat(joined.name()).isEqualTo(new PeerName(Role.NODE, id));
    assertThat(joined.authority()).isEqualTo(pki.certificate());
    assertThat(joined.certificate().getNotAfter().toInstant())
        .isBefore(Instant.now().plus(Duration.ofHours(7)));
    joined.save(directory.resolve("agent"));
    assertThat(Identity.load(directory.resolve("agent")).name()).isEqualTo(joined.name());

    assertThatThrownBy(() -> join(token, NodeId.random().toString()))
        .isInstanceOf(JoinRefusedException.class)
        .hasMessageContaining("was used before");
  }

  @Test
  void shouldNotBurnATokenForARequestThatItRefuses() throws Exception {
    JoinToken token = token(Role.NODE, "");
    JoinToken guessed = new JoinToken(token.number(), "0".repeat(48), token.fingerprint());
    assertThatThrownBy(() -> join(guessed, NodeId.random().toString()))
        .hasMessageContaining("has a wrong secret");
    assertThatThrownBy(() -> join(token, "not-a-node-id")).hasMessageContaining("not-a-node-id");
    assertThatThrownBy(() -> join(token, "")).hasMessageContaining("names no id");

    assertThat(join(token, NodeId.random().toString()).role()).isEqualTo(Role.NODE);
  }

  @Test
  void shouldRefuseATokenThatExpiredOrIsUnknown() throws Exception {
    JoinToken token = token(Role.NODE, "");
    now.set(now.get().plus(Duration.ofHours(2)));
    assertThatThrownBy(() -> join(token, NodeId.random().toString()))
        .hasMessageContaining("expired at");
    JoinToken unknown = new JoinToken("0".repeat(16), token.secret(), token.fingerprint());
    assertThatThrownBy(() -> join(unknown, NodeId.random().toString()))
        .hasMessageContaining("is not known here");
  }

  @Test
  void shouldNotGiveAnIdToASecondKeyUnlessTheTokenNamesIt() throws Exception {
    String id = NodeId.random().toString();
    join(token(Role.NODE, ""), id);
    assertThatThrownBy(() -> join(token(Role.NODE, ""), id))
        .hasMessageContaining("was given to another key");

    assertThat(join(token(Role.NODE, id), "").id()).isEqualTo(id);
    assertThatThrownBy(() -> join(token(Role.NODE, id), NodeId.random().toString()))
        .hasMessageContaining("but token");
  }

  @Test
  void shouldGiveOtherRolesOnlyByTheTokensWord() throws Exception {
    assertThat(join(token(Role.CONSUMER, "detection"), "").name())
        .isEqualTo(new PeerName(Role.CONSUMER, "detection"));
  }

  @Test
  void shouldNotTalkToAServerOfAnotherAuthority() throws Exception {
    Pki other = Pki.create("other", DAY);
    JoinToken token =
        new JoinTokens(directory)
            .issue(other.certificate(), Role.NODE, "", Duration.ofHours(1), now.get());
    assertThatThrownBy(() -> join(token, NodeId.random().toString()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("is not of the authority that the token names");
  }

  @Test
  void shouldNotTakeAnotherPeerForTheBackplane() throws Exception {
    JoinDesk desk = new JoinDesk(directory, DAY, null, now::get);
    try (JoinService pretender =
        JoinService.start(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            pki.issue(Role.NODE, NodeId.random().toString(), DAY),
            desk)) {
      JoinToken token = token(Role.NODE, "");
      assertThatThrownBy(
              () -> JoinClient.join(pretender.address(), token, NodeId.random().toString()))
          .isInstanceOf(IOException.class);
      assertThat(join(token, NodeId.random().toString()).role()).isEqualTo(Role.NODE);
    }
  }

  @Test
  void shouldTakeANodeOfTheClusterByItsPodsToken() throws Exception {
    String uid = UUID.randomUUID().toString();
    holder.set(new KubernetesTokens.Holder(ACCOUNT, "worker-1", uid));
    Identity joined = JoinClient.join(service.address(), "good\n", pki.certificate());
    assertThat(joined.name()).isEqualTo(new PeerName(Role.NODE, uid));

    // Again and again: the token is bound to the node, not spent.
    holder.set(new KubernetesTokens.Holder(ACCOUNT, "worker-2", ""));
    Identity first = JoinClient.join(service.address(), "good", pki.certificate());
    Identity second = JoinClient.join(service.address(), "good", pki.certificate());
    assertThat(first.id()).isEqualTo(second.id()).isNotEqualTo(uid);
  }

  @Test
  void shouldTakePodsOfAnAccountAsWhatItIs() throws Exception {
    holder.set(new KubernetesTokens.Holder(DETECTION, "worker-1", UUID.randomUUID().toString()));
    Identity joined = JoinClient.join(service.address(), "good", pki.certificate());
    assertThat(joined.name())
        .isEqualTo(new PeerName(Role.CONSUMER, "interdict.interdict-detection"));
  }

  @Test
  void shouldRefusePodsThatAreNoNodes() {
    holder.set(new KubernetesTokens.Holder("system:serviceaccount:shop:web", "worker-1", ""));
    assertThatThrownBy(() -> JoinClient.join(service.address(), "good", pki.certificate()))
        .isInstanceOf(JoinRefusedException.class)
        .hasMessageContaining("system:serviceaccount:shop:web may not join; accepted: ");
    holder.set(new KubernetesTokens.Holder(ACCOUNT, "", ""));
    assertThatThrownBy(() -> JoinClient.join(service.address(), "good", pki.certificate()))
        .hasMessageContaining("is not bound to a node");
    assertThatThrownBy(() -> JoinClient.join(service.address(), "bad", pki.certificate()))
        .hasMessageContaining("does not accept the token");
  }

  @Test
  void shouldRenewForWhoeverHoldsTheKey() throws Exception {
    Identity present = pki.issue(Role.RESPONDER, "r1", DAY);
    Identity renewed = JoinClient.renew(service.address(), present);
    assertThat(renewed.name()).isEqualTo(present.name());
    assertThat(renewed.certificate().getPublicKey())
        .isNotEqualTo(present.certificate().getPublicKey());

    Identity expired =
        pki.issue(Role.RESPONDER, "r1", now.get().minus(DAY), now.get().minus(Duration.ofHours(1)));
    assertThatThrownBy(() -> JoinClient.renew(service.address(), expired))
        .isInstanceOf(JoinRefusedException.class)
        .hasMessageContaining("is not accepted");
  }

  @Test
  void shouldOutliveThoseWhoSendNonsense() throws Exception {
    for (int i = 0; i < 20; i++) {
      try (Socket socket =
          new Socket(service.address().getAddress(), service.address().getPort())) {
        OutputStream out = socket.getOutputStream();
        out.write("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      }
    }
    assertThat(join(token(Role.NODE, ""), NodeId.random().toString()).role()).isEqualTo(Role.NODE);
  }
}
