package dev.interdict.bus.join;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.interdict.bus.tls.Identity;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * Asks the cluster's API server, with the token of this process's own service account: POST
 * authentication.k8s.io/v1 TokenReview for the audience {@link #AUDIENCE}.
 */
public final class TokenReviews implements KubernetesTokens {
  public static final String AUDIENCE = "interdict";

  private static final Path ACCOUNT = Path.of("/var/run/secrets/kubernetes.io/serviceaccount");
  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final int MAX_ANSWER_BYTES = 256 << 10;
  private static final int MAX_DEPTH = 16;
  private static final JsonFactory JSON = new JsonFactory();
  private static final String EXTRA = "/status/user/extra/authentication.kubernetes.io/";

  private final HttpClient client;
  private final URI reviews;
  private final Path ownToken;

  /**
   * @param server as https://HOST:PORT
   * @param tls that trusts the cluster's authority
   * @param ownToken file, read for each question since the kubelet renews it
   */
  public TokenReviews(URI server, SSLContext tls, Path ownToken) {
    this.client =
        HttpClient.newBuilder()
            .sslContext(tls)
            .connectTimeout(TIMEOUT)
            .version(HttpClient.Version.HTTP_1_1)
            .build();
    this.reviews = server.resolve("/apis/authentication.k8s.io/v1/tokenreviews");
    this.ownToken = ownToken;
  }

  /** The API server of the cluster that this process runs in. */
  public static TokenReviews inCluster() throws IOException {
    String host = System.getenv("KUBERNETES_SERVICE_HOST");
    String port = System.getenv("KUBERNETES_SERVICE_PORT");
    if (host == null || port == null) {
      throw new IOException(
          "this process does not run in a pod: KUBERNETES_SERVICE_HOST and _PORT are not set");
    }
    return new TokenReviews(
        URI.create("https://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port),
        trusting(Identity.readAuthority(ACCOUNT.resolve("ca.crt"))),
        ACCOUNT.resolve("token"));
  }

  public static SSLContext trusting(X509Certificate authority) throws IOException {
    try {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      store.setCertificateEntry("cluster", authority);
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(store);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, factory.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IOException("unusable authority of the cluster: " + e.getMessage(), e);
    }
  }

  @Override
  public Holder review(String token) throws JoinRefusedException, IOException {
    HttpRequest request =
        HttpRequest.newBuilder(reviews)
            .timeout(TIMEOUT)
            .header("Authorization", "Bearer " + Files.readString(ownToken).trim())
            .header("Content-Type", "application/json")
            .header("Accept", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(question(token)))
            .build();
    Map<String, String> answer;
    try {
      HttpResponse<InputStream> response =
          client.send(request, HttpResponse.BodyHandlers.ofInputStream());
      try (InputStream body = response.body()) {
        byte[] bytes = body.readNBytes(MAX_ANSWER_BYTES);
        if (response.statusCode() / 100 != 2) {
          throw new IOException(
              "API server "
                  + reviews.getAuthority()
                  + " answered "
                  + response.statusCode()
                  + " to a TokenReview: "
                  + text(bytes));
        }
        answer = flat(bytes);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while the API server was asked", e);
    }
    if (!"true".equals(answer.get("/status/authenticated"))) {
      throw new JoinRefusedException(
          "the cluster does not accept the token: "
              + answer.getOrDefault("/status/error", "not authenticated"));
    }
    if (!AUDIENCE.equals(answer.get("/status/audiences/0"))) {
      throw new JoinRefusedException("the token is not for the audience " + AUDIENCE);
    }
    return new Holder(
        answer.getOrDefault("/status/user/username", ""),
        answer.getOrDefault(EXTRA + "node-name/0", ""),
        answer.getOrDefault(EXTRA + "node-uid/0", ""));
  }

  private static String text(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    return text.length() > 300 ? text.substring(0, 300) + "…" : text;
  }

  private static String question(String token) throws IOException {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      json.writeStartObject();
      json.writeStringField("apiVersion", "authentication.k8s.io/v1");
      json.writeStringField("kind", "TokenReview");
      json.writeObjectFieldStart("spec");
      json.writeStringField("token", token);
      json.writeArrayFieldStart("audiences");
      json.writeString(AUDIENCE);
      json.writeEndArray();
      json.writeEndObject();
      json.writeEndObject();
    }
    return text.toString();
  }

  /** Every scalar by its path; elements of a list by their number. */
  private static Map<String, String> flat(byte[] json) throws IOException {
    Map<String, String> values = new HashMap<>();
    try (JsonParser parser = JSON.createParser(json)) {
      parser.nextToken();
      flatten(parser, "", values, 0);
    }
    return values;
  }

  private static void flatten(JsonParser parser, String path, Map<String, String> values, int depth)
      throws IOException {
    if (depth > MAX_DEPTH) {
      throw new IOException("the API server's answer is nested more than " + MAX_DEPTH + " deep");
    }
    JsonToken token = parser.currentToken();
    if (token == JsonToken.START_OBJECT) {
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        parser.nextToken();
        flatten(parser, path + "/" + name, values, depth + 1);
      }
    } else if (token == JsonToken.START_ARRAY) {
      for (int i = 0; parser.nextToken() != JsonToken.END_ARRAY; i++) {
        flatten(parser, path + "/" + i, values, depth + 1);
      }
    } else if (token != null) {
      values.put(path, parser.getText());
    }
  }
}
