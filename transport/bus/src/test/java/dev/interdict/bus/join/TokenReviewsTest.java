package dev.interdict.bus.join;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Against a server that answers as the API server does; a real one is asked by the tests on a
 * cluster.
 */
class TokenReviewsTest {
  private static final String NODE_BOUND =
      """
      {"kind":"TokenReview","apiVersion":"authentication.k8s.io/v1","metadata":{"managedFields":[]},
       "spec":{"token":"t","audiences":["interdict"]},
       "status":{"authenticated":true,"user":{
         "username":"system:serviceaccount:interdict:interdict-agent","uid":"u1",
         "groups":["system:serviceaccounts","system:authenticated"],
         "extra":{
           "authentication.kubernetes.io/credential-id":["JTI=1"],
           "authentication.kubernetes.io/node-name":["worker-1"],
           "authentication.kubernetes.io/node-uid":["8d6e8f4c-52a5-4a43-9d3c-0d1f9d0a4a11"],
           "authentication.kubernetes.io/pod-name":["agent-x"]}},
        "audiences":["interdict"]}}
      """;

  private final AtomicReference<String> asked = new AtomicReference<>();
  private final AtomicReference<String> credentials = new AtomicReference<>();
  private volatile int status = 201;
  private volatile String answer = NODE_BOUND;
  private HttpsServer server;
  private TokenReviews reviews;

  @TempDir Path directory;

  @BeforeEach
  void start() throws Exception {
    KeyPair key = newKey();
    X509Certificate certificate = selfSigned(key);
    server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(serving(key, certificate)));
    server.createContext(
        "/apis/authentication.k8s.io/v1/tokenreviews",
        exchange -> {
          credentials.set(exchange.getRequestHeaders().getFirst("Authorization"));
          asked.set(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
          byte[] body = answer.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(status, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    Files.writeString(directory.resolve("token"), "own\n");
    SSLContext trusting = TokenReviews.trusting(certificate);
    reviews =
        new TokenReviews(
            URI.create("https://127.0.0.1:" + server.getAddress().getPort()),
            trusting,
            directory.resolve("token"));
  }

  private static KeyPair newKey() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(256);
    return generator.generateKeyPair();
  }

  /** For 127.0.0.1: the client checks host names, as it must with a real API server. */
  private static X509Certificate selfSigned(KeyPair key) throws Exception {
    X500Principal name = new X500Principal("CN=api-server");
    Instant now = Instant.now();
    return new JcaX509CertificateConverter()
        .getCertificate(
            new JcaX509v3CertificateBuilder(
                    name,
                    BigInteger.ONE,
                    Date.from(now.minusSeconds(60)),
                    Date.from(now.plusSeconds(3600)),
                    name,
                    key.getPublic())
                .addExtension(
                    Extension.subjectAlternativeName,
                    false,
                    new GeneralNames(new GeneralName(GeneralName.iPAddress, "127.0.0.1")))
                .build(new JcaContentSignerBuilder("SHA256withECDSA").build(key.getPrivate())));
  }

  private static SSLContext serving(KeyPair key, X509Certificate certificate) throws Exception {
    char[] password = {};
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, password);
    store.setKeyEntry("server", key.getPrivate(), password, new X509Certificate[] {certificate});
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, password);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);
    return context;
  }

  @Test
  void shouldNotAskAServerOfAnotherAuthority() throws Exception {
    TokenReviews misled =
        new TokenReviews(
            URI.create("https://127.0.0.1:" + server.getAddress().getPort()),
            TokenReviews.trusting(selfSigned(newKey())),
            directory.resolve("token"));
    assertThatThrownBy(() -> misled.review("t")).isInstanceOf(IOException.class);
    assertThat(credentials.get()).isNull();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void shouldTellWhoseTokenItIs() throws Exception {
    KubernetesTokens.Holder holder = reviews.review("t\"oken");

    assertThat(holder.account()).isEqualTo("system:serviceaccount:interdict:interdict-agent");
    assertThat(holder.nodeName()).isEqualTo("worker-1");
    assertThat(holder.nodeUid()).isEqualTo("8d6e8f4c-52a5-4a43-9d3c-0d1f9d0a4a11");
    assertThat(credentials.get()).isEqualTo("Bearer own");
    assertThat(asked.get())
        .contains("\"token\":\"t\\\"oken\"")
        .contains("\"audiences\":[\"interdict\"]");
  }

  @Test
  void shouldRefuseWhatTheClusterDoesNotKnow() {
    answer = "{\"status\":{\"user\":{},\"error\":\"invalid bearer token\"}}";
    assertThatThrownBy(() -> reviews.review("t"))
        .isInstanceOf(JoinRefusedException.class)
        .hasMessageContaining("invalid bearer token");
  }

  @Test
  void shouldRefuseATokenForSomebodyElse() {
    answer = NODE_BOUND.replace("\"audiences\":[\"interdict\"]}}", "\"audiences\":[\"vault\"]}}");
    assertThatThrownBy(() -> reviews.review("t"))
        .isInstanceOf(JoinRefusedException.class)
        .hasMessageContaining("audience");
  }

  @Test
  void shouldSayThatTheApiServerDidNotLetItAsk() {
    status = 403;
    answer = "tokenreviews is forbidden";
    assertThatThrownBy(() -> reviews.review("t"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("answered 403")
        .hasMessageContaining("tokenreviews is forbidden");
  }
}
