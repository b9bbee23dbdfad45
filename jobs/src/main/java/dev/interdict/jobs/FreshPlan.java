package dev.interdict.jobs;

import dev.interdict.bus.join.TokenReviews;
import dev.interdict.bus.tls.Identity;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import javax.net.ssl.SSLContext;

/**
 * Run once before each new pod of a job manager. Flink's high availability keeps the plan of a job
 * and would go on with it, whatever rules and code the new pod has. Without the plan it takes the
 * new one, and still the last checkpoint: that stands in another entry.
 */
public final class FreshPlan {
  private static final Path ACCOUNT = Path.of("/var/run/secrets/kubernetes.io/serviceaccount");
  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  private final URI server;
  private final SSLContext tls;
  private final String token;

  FreshPlan(URI server, SSLContext tls, String token) {
    this.server = server;
    this.tls = tls;
    this.token = token;
  }

  public static void main(String[] args) throws IOException, InterruptedException {
    if (args.length != 3) {
      throw new IllegalArgumentException("usage: FreshPlan NAMESPACE CLUSTER-ID JOB-ID");
    }
    String address =
        System.getenv("KUBERNETES_SERVICE_HOST") + ":" + System.getenv("KUBERNETES_SERVICE_PORT");
    FreshPlan plan =
        new FreshPlan(
            URI.create("https://" + address),
            TokenReviews.trusting(Identity.readAuthority(ACCOUNT.resolve("ca.crt"))),
            Files.readString(ACCOUNT.resolve("token")).strip());
    System.out.println(plan.forget(args[0], args[1], args[2]) ? "plan removed" : "first start");
  }

  /** False where this cluster has not run yet. */
  boolean forget(String namespace, String cluster, String job)
      throws IOException, InterruptedException {
    HttpClient client =
        HttpClient.newBuilder()
            .sslContext(tls)
            .connectTimeout(TIMEOUT)
            .version(HttpClient.Version.HTTP_1_1)
            .build();
    String path =
        "/api/v1/namespaces/" + namespace + "/configmaps/" + cluster + "-cluster-config-map";
    HttpResponse<String> response =
        client.send(
            HttpRequest.newBuilder(server.resolve(path))
                .timeout(TIMEOUT)
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/merge-patch+json")
                .method(
                    "PATCH",
                    HttpRequest.BodyPublishers.ofString(
                        "{\"data\":{\"executionPlan-" + job + "\":null}}"))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    if (response.statusCode() == 404) {
      return false;
    }
    if (response.statusCode() / 100 != 2) {
      throw new IOException(
          "API server "
              + server.getAuthority()
              + " answered "
              + response.statusCode()
              + " to PATCH "
              + path
              + ": "
              + response.body());
    }
    return true;
  }
}
