package dev.interdict.agent.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interdict.agent.kernel.Inbox;
import dev.interdict.agent.kernel.InboxContents;
import dev.interdict.bus.tls.Identity;
import dev.interdict.bus.tls.Pki;
import dev.interdict.bus.tls.Role;
import dev.interdict.schema.Audit;
import dev.interdict.schema.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Requests as an API server sends them, over real TLS. */
final class AuditWebhookTest {
  private static final String TOKEN = "sesame";
  private static final Duration DAY = Duration.ofDays(1);

  @TempDir private Path directory;
  private final Inbox inbox = new Inbox();
  private AuditWebhook webhook;
  private SSLContext client;

  @BeforeEach
  void start() throws Exception {
    TestCertificates.write(directory);
    Path token = Files.writeString(directory.resolve("token"), TOKEN + "\n");
    webhook = AuditWebhook.start(config(token, null), inbox);
    client = trusting();
  }

  @AfterEach
  void stop() {
    webhook.close();
  }

  private AuditWebhookConfig config(Path token, Path authority) {
    return new AuditWebhookConfig(
        new InetSocketAddress("localhost", 0),
        directory.resolve(Identity.KEY_FILE),
        directory.resolve(Identity.CERTIFICATE_FILE),
        token,
        authority);
  }

  private SSLContext trusting() throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    try (InputStream in = Files.newInputStream(directory.resolve(Identity.CA_FILE))) {
      Certificate authority = CertificateFactory.getInstance("X.509").generateCertificate(in);
      store.setCertificateEntry("ca", authority);
    }
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }

  private int send(String token, byte[] body) throws IOException {
    URL url = new URL("https://localhost:" + webhook.address().getPort() + "/?timeout=30s");
    HttpsURLConnection connection = (HttpsURLConnection) url.openConnection();
    connection.setSSLSocketFactory(client.getSocketFactory());
    connection.setHostnameVerifier((host, session) -> true); // of the backplane's kind of names
    connection.setRequestMethod("POST");
    connection.setRequestProperty("Content-Type", "application/json");
    if (token != null) {
      connection.setRequestProperty("Authorization", "Bearer " + token);
    }
    connection.setDoOutput(true);
    try (OutputStream out = connection.getOutputStream()) {
      out.write(body);
    }
    return connection.getResponseCode();
  }

  private int send(String... items) throws IOException {
    return send(TOKEN, list(items));
  }

  private static byte[] list(String... items) {
    return ("{\"kind\":\"EventList\",\"apiVersion\":\"audit.k8s.io/v1\",\"metadata\":{},\"items\":["
            + String.join(",", items)
            + "]}")
        .getBytes(StandardCharsets.UTF_8);
  }

  private static String event(String id, String stage, String verb, String uri, String rest) {
    return """
        {"level":"RequestResponse","auditID":"%s","stage":"%s","requestURI":"%s","verb":"%s",
         "user":{"username":"mallory","uid":"u-1","groups":["system:authenticated","devs"]},
         "sourceIPs":["203.0.113.9","10.0.0.1"],"userAgent":"kubectl/v1.36.0 (linux/amd64)",
         "requestReceivedTimestamp":"2026-11-22T03:48:11.000000Z","stageTimestamp":"2026-11-22T03:48:11.100000Z",
         "annotations":{"authorization.k8s.io/decision":"allow","authorization.k8s.io/reason":"RBAC"}%s}"""
        .formatted(id, stage, uri, verb, rest);
  }

  private static String object(String resource, String subresource, int status) {
    return """
        ,"objectRef":{"resource":"%s","namespace":"shop","name":"web-0","apiVersion":"v1"%s},
         "responseStatus":{"metadata":{},"code":%d}"""
        .formatted(
            resource,
            subresource.isEmpty() ? "" : ",\"subresource\":\"" + subresource + "\"",
            status);
  }

  private Audit only() {
    List<Audit> taken = InboxContents.take(inbox);
    assertThat(taken).hasSize(1);
    return taken.get(0);
  }

  @Test
  void shouldTakeAnExecIntoAPod() throws Exception {
    assertThat(
            send(
                event(
                    "a-1",
                    "RequestReceived",
                    "create",
                    "/api/v1/namespaces/shop/pods/web-0/exec?command=sh&command=-c"
                        + "&command=mysql+-phunter2&container=web&stdin=true",
                    object("pods", "exec", 101))))
        .isEqualTo(200);
    Audit audit = only();
    assertThat(audit.getId()).isEqualTo("a-1");
    assertThat(audit.getVerb()).isEqualTo("create");
    assertThat(audit.getUser()).isEqualTo("mallory");
    assertThat(audit.getGroups()).isEqualTo("system:authenticated,devs");
    assertThat(audit.getSourceAddress()).isEqualTo("203.0.113.9");
    assertThat(audit.getUserAgent()).startsWith("kubectl/");
    assertThat(audit.getResource()).isEqualTo("pods");
    assertThat(audit.getSubresource()).isEqualTo("exec");
    assertThat(audit.getNamespace()).isEqualTo("shop");
    assertThat(audit.getName()).isEqualTo("web-0");
    assertThat(audit.getStatus()).isEqualTo(101);
    assertThat(audit.getCommand()).isEqualTo("sh -c mysql -p***");
    assertThat(audit.getDecision()).isEqualTo("allow");
  }

  @Test
  void shouldTakeAPodThatIsHardlyKeptApart() throws Exception {
    String pod =
        """
        ,"requestObject":{"kind":"Pod","apiVersion":"v1","spec":{"hostNetwork":true,"hostPID":true,
          "volumes":[{"name":"root","hostPath":{"path":"/","type":""}},{"name":"t","emptyDir":{}}],
          "containers":[{"name":"a","image":"evil:1","securityContext":{"privileged":true,
            "capabilities":{"add":["SYS_ADMIN"]}}},{"name":"b","image":"side:2"}]}}""";
    assertThat(
            send(
                event(
                    "p-1",
                    "ResponseComplete",
                    "create",
                    "/api/v1/namespaces/shop/pods",
                    object("pods", "", 201) + pod)))
        .isEqualTo(200);
    Audit audit = only();
    assertThat(audit.getPrivileged()).isTrue();
    assertThat(audit.getHostPaths()).isEqualTo("/");
    assertThat(audit.getImage()).isEqualTo("evil:1,side:2");
    assertThat(audit.getSharedNamespaces()).isEqualTo("pid,network");
    assertThat(audit.getCapabilities()).isEqualTo("SYS_ADMIN");
  }

  @Test
  void shouldLeaveOutWhatClustersDoAllTheTime() throws Exception {
    String anonymous =
        event("x", "ResponseComplete", "get", "/healthz?verbose", object("", "", 200))
            .replace("mallory", "system:anonymous");
    assertThat(
            send(
                event("1", "ResponseComplete", "get", "/api/v1/pods", object("pods", "", 200)),
                event("2", "ResponseComplete", "update", "/x", object("leases", "", 200)),
                event("3", "RequestReceived", "get", "/x", object("secrets", "", 0)),
                event("4", "ResponseComplete", "patch", "/x", object("nodes", "status", 200)),
                anonymous))
        .isEqualTo(200);
    assertThat(InboxContents.take(inbox)).isEmpty();
    assertThat(
            send(
                event("5", "ResponseComplete", "list", "/x", object("secrets", "", 200)),
                event("6", "ResponseComplete", "delete", "/x", object("events", "", 200)),
                event("7", "ResponseComplete", "get", "/x", object("pods", "", 403)),
                event("8", "Panic", "create", "/x", object("clusterrolebindings", "", 201)),
                event("9", "ResponseComplete", "get", "/api", object("", "", 200))
                    .replace("mallory", "system:anonymous"),
                event(
                    "10",
                    "ResponseComplete",
                    "get",
                    "/x",
                    object("pods", "", 200) + ",\"impersonatedUser\":{\"username\":\"admin\"}")))
        .isEqualTo(200);
    List<Audit> taken = InboxContents.take(inbox);
    assertThat(taken).extracting(Audit::getId).containsExactly("5", "6", "7", "8", "9", "10");
    assertThat(taken.get(5).getImpersonated()).isEqualTo("admin");
  }

  @Test
  void shouldTakeNothingTwice() throws Exception {
    String event = event("1", "ResponseComplete", "list", "/x", object("secrets", "", 200));
    assertThat(send(event)).isEqualTo(200);
    assertThat(send(event)).isEqualTo(200);
    assertThat(InboxContents.take(inbox)).hasSize(1);
  }

  @Test
  void shouldRefuseWhoIsNotAllowed() throws Exception {
    byte[] body = list(event("1", "Panic", "create", "/x", object("pods", "", 201)));
    assertThat(send("wrong", body)).isEqualTo(401);
    assertThat(send((String) null, body)).isEqualTo(401);
    assertThat(InboxContents.take(inbox)).isEmpty();
  }

  @Test
  void shouldRefuseWhatIsNoListOfEvents() throws Exception {
    assertThat(send(TOKEN, "{\"kind\":".getBytes(StandardCharsets.UTF_8))).isEqualTo(400);
    assertThat(send(TOKEN, "[]".getBytes(StandardCharsets.UTF_8))).isEqualTo(400);
    assertThat(send(TOKEN, new byte[0])).isEqualTo(400);
    String other = new String(list(), StandardCharsets.UTF_8).replace("EventList", "PodList");
    assertThat(send(TOKEN, other.getBytes(StandardCharsets.UTF_8))).isEqualTo(400);
    assertThat(send("{\"auditID\":1,\"objectRef\":[]}", "null", "7")).isEqualTo(200);
    assertThat(send(TOKEN, ("{\"items\":" + "[".repeat(5000)).getBytes(StandardCharsets.UTF_8)))
        .isEqualTo(400);
    assertThat(InboxContents.take(inbox)).isEmpty();
  }

  @Test
  void shouldRefuseABodyThatIsTooLarge() throws Exception {
    assertThat(send(TOKEN, new byte[AuditWebhook.BODY_LIMIT + 1])).isEqualTo(413);
  }

  @Test
  void shouldAskForMoreTimeWhenNothingIsTakenOut() throws Exception {
    int sent = 0;
    int status;
    do {
      String[] events = new String[1000];
      for (int i = 0; i < events.length; i++) {
        events[i] = event(sent + "-" + i, "Panic", "create", "/x", object("pods", "", 201));
      }
      status = send(events);
      sent++;
    } while (status == 200 && sent < 20);
    assertThat(status).isEqualTo(503);
    assertThat(InboxContents.lost(inbox, Kind.AUDIT)).isEqualTo(1000);
    assertThat(InboxContents.take(inbox)).hasSize(1000 * (sent - 1));
    String again = event((sent - 1) + "-0", "Panic", "create", "/x", object("pods", "", 201));
    assertThat(send(again)).isEqualTo(200);
    assertThat(InboxContents.take(inbox)).hasSize(1);
  }

  @Test
  void shouldAskForACertificateWhereItIsToldWhoSignsThem() throws Exception {
    webhook.close();
    Path other = directory.resolve("other");
    Pki.create("other", DAY).issue(Role.NODE, "n", DAY).save(other);
    webhook = AuditWebhook.start(config(null, other.resolve(Identity.CA_FILE)), inbox);
    assertThatThrownBy(() -> send(TOKEN, list())).isInstanceOf(IOException.class);
    client =
        TlsFiles.context(
            other.resolve(Identity.KEY_FILE),
            other.resolve(Identity.CERTIFICATE_FILE),
            directory.resolve(Identity.CA_FILE));
    assertThat(send((String) null, list())).isEqualTo(200);
  }

  @Test
  void shouldNotServeAnybody() {
    assertThatThrownBy(() -> config(null, null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("token file or a client authority");
  }
}
