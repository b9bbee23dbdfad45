package dev.interdict.response.kubernetes;

import dev.interdict.e2e.cluster.Cluster;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A real cluster of one node for the tests of one class, and a client of it. */
final class RunningCluster implements AutoCloseable {
  private static final List<String> DEFINITIONS =
      List.of("responsepolicy.yaml", "containment.yaml", "responsestop.yaml");

  final KubernetesClient client;

  private RunningCluster(KubernetesClient client) {
    this.client = client;
  }

  static RunningCluster start() throws IOException, InterruptedException {
    Cluster.assumeWanted();
    Cluster.up(1);
    return new RunningCluster(new KubernetesClientBuilder().withConfig(config()).build());
  }

  static Config config() throws IOException {
    Config config = Config.fromKubeconfig(Files.readString(Cluster.state().resolve("kubeconfig")));
    config.setClientKeyAlgo("EC");
    return Membership.patient(config);
  }

  void define() throws IOException {
    for (String file : DEFINITIONS) {
      Path path = Cluster.TOP.resolve("helm/interdict/files/crds").resolve(file);
      try (InputStream in = Files.newInputStream(path)) {
        client.load(in).serverSideApply();
      }
    }
  }

  void apply(String yaml) {
    client.load(new ByteArrayInputStream(yaml.getBytes(StandardCharsets.UTF_8))).serverSideApply();
  }

  @Override
  public void close() throws IOException, InterruptedException {
    client.close();
    Cluster.down();
  }
}
