package dev.interdict.e2e.cluster;

import static dev.interdict.e2e.cluster.Cluster.kubectl;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Workloads that are attacked, the policies for them, and what the responder did. */
final class Attacked {
  static final Duration LIMIT = Duration.ofMinutes(4);
  private static final ObjectMapper JSON = new ObjectMapper();

  /** One that a controller or a person has made, by the namespace that it is in. */
  record Pod(String namespace, String name) {
    String kubectl(String... arguments) throws Exception {
      List<String> command = new ArrayList<>(List.of("-n", namespace));
      command.addAll(List.of(arguments));
      return Cluster.kubectl(command.toArray(String[]::new));
    }

    boolean isGone() {
      return !Cluster.tryKubectl("-n", namespace, "get", "pod", name).ok();
    }
  }

  private Attacked() {}

  static String rules() throws IOException {
    return resource("rules.yml");
  }

  static void workloads() throws Exception {
    apply(resource("workloads.yaml"));
    for (String namespace : List.of("store", "vault")) {
      await("the pods of " + namespace)
          .atMost(LIMIT)
          .until(
              () ->
                  !kubectl("-n", namespace, "get", "pods", "-o=jsonpath={" + READINESS + "}")
                      .contains("false"));
    }
  }

  private static final String READINESS = ".items[*].status.conditions[?(@.type=='Ready')].status";

  static void policies() throws Exception {
    apply(resource("policies.yaml"));
    await("policies in force")
        .atMost(LIMIT)
        .until(
            () ->
                kubectl("get", "responsepolicies", "-o=jsonpath={.items[*].status.state}")
                    .equals("Active Active Active Active Active"));
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = Attacked.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  static void apply(String yaml) throws Exception {
    Path file = Files.createTempFile("cluster", ".yaml");
    try {
      Files.writeString(file, yaml);
      Cluster.apply(file);
    } finally {
      Files.delete(file);
    }
  }

  static List<Pod> ready(String namespace, String app) throws Exception {
    String columns =
        "-o=custom-columns=NAME:.metadata.name,READY:.status.containerStatuses[*].ready,"
            + "END:.metadata.deletionTimestamp";
    List<Pod> ready = new ArrayList<>();
    for (String line :
        kubectl("-n", namespace, "get", "pods", "-l=app=" + app, "--no-headers", columns)
            .lines()
            .toList()) {
      String[] words = line.trim().split(" +");
      if (words.length == 3 && words[1].equals("true") && words[2].equals("<none>")) {
        ready.add(new Pod(namespace, words[0]));
      }
    }
    return ready;
  }

  static List<Pod> ready(String app) throws Exception {
    return ready("store", app);
  }

  static Pod pod(String namespace, String app) {
    return await("a pod of " + app)
        .atMost(LIMIT)
        .until(() -> ready(namespace, app), pods -> !pods.isEmpty())
        .get(0);
  }

  static Pod pod(String app) {
    return pod("store", app);
  }

  static List<JsonNode> containments(Pod pod) throws Exception {
    List<JsonNode> found = new ArrayList<>();
    for (JsonNode each : JSON.readTree(kubectl("get", "containments", "-o=json")).path("items")) {
      if (each.path("spec").path("intent").path("pod").asText().equals(pod.name())) {
        found.add(each);
      }
    }
    return found;
  }

  static JsonNode awaitState(Pod pod, String state) {
    return awaitContainment(pod, "state", state);
  }

  static JsonNode awaitDid(Pod pod, String did) {
    return awaitContainment(pod, "did", did);
  }

  private static JsonNode awaitContainment(Pod pod, String field, String value) {
    return await("a containment of " + pod.name() + " with " + field + "=" + value)
        .atMost(LIMIT)
        .until(
            () ->
                containments(pod).stream()
                    .filter(each -> each.path("status").path(field).asText().equals(value))
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

  static void release(Pod pod, JsonNode containment) throws Exception {
    order(containment, "release");
    awaitState(pod, "Released");
  }
}
