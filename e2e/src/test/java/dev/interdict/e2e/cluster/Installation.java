package dev.interdict.e2e.cluster;

import static dev.interdict.e2e.cluster.Cluster.interdict;
import static dev.interdict.e2e.cluster.Cluster.kubectl;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.interdict.e2e.cluster.Attacked.Pod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The chart as it is installed, with a rule for each marked execution: what it said of those so
 * far, in alerts and in the archive.
 */
final class Installation {
  static final Duration LIMIT = Duration.ofMinutes(8);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path RULES = Cluster.state().resolve("rules");
  private static final String OWN_RULES = "--set=detection.rulesConfigMap=rules";
  private static final String READINESS =
      "NAME:.metadata.name,READY:.status.containerStatuses[*].ready";

  /**
   * Of those whose executions are told: repetitions of one would be folded into its first alert.
   */
  private static final List<String> MARKERS =
      List.of("first", "killed", "agent", "between", "upgraded");

  private static final String RULE =
      """
      title: A marked command
      id: %s
      logsource: {category: process_creation, product: linux}
      detection:
        marked: {CommandLine|contains: %s}
        condition: marked
      level: high
      """;

  private final List<String> told = new ArrayList<>();
  private Set<String> before;

  /** In a namespace with a workload of its own. */
  void install() throws Exception {
    kubectl("create", "namespace", Cluster.NAMESPACE);
    Files.createDirectories(RULES);
    for (String marker : MARKERS) {
      rule(marker);
    }
    Files.writeString(RULES.resolve("attack.yml"), Attacked.rules());
    kubectl("create", "configmap", "rules", "--from-file=" + RULES);
    kubectl(
        "create", "deployment", "shop", "--image=localhost/busybox:1", "--", "/bin/sleep", "36000");
    awaitReady();
    before = objects();
    upgrade();
  }

  /** Of the same chart, or for the first time. */
  void upgrade(String... arguments) throws Exception {
    List<String> all = new ArrayList<>(List.of(OWN_RULES));
    all.addAll(List.of(arguments));
    Cluster.install(all.toArray(String[]::new));
    awaitReady();
  }

  private static void rule(String marker) throws IOException {
    Files.writeString(
        RULES.resolve(marker + ".yml"), RULE.formatted(ruleOf(marker), textOf(marker)));
  }

  /** The id of its rule. */
  static String ruleOf(String marker) {
    return "6d1f6a52-3c0e-4a25-9d4b-" + "%012x".formatted(marker.hashCode() & 0xffffffffL);
  }

  /** What a command line holds to be marked. */
  static String textOf(String marker) {
    return "interdict-marker-" + marker;
  }

  /** Into the ConfigMap, while everything runs. */
  void addRule(String marker) throws Exception {
    rule(marker);
    Attacked.apply(
        kubectl(
            "create", "configmap", "rules", "--from-file=" + RULES, "--dry-run=client", "-o=yaml"));
  }

  static void awaitReady() {
    await()
        .atMost(LIMIT)
        .pollInterval(Duration.ofSeconds(2))
        .untilAsserted(
            () -> {
              for (String pod :
                  kubectl("get", "pods", "--no-headers", "-o=custom-columns=" + READINESS)
                      .lines()
                      .toList()) {
                assertThat(pod).endsWith("true").doesNotContain("false");
              }
            });
  }

  /** Without a goodbye. */
  static void kill(String... labels) throws Exception {
    for (String label : labels) {
      kubectl(
          "delete",
          "pod",
          "-l=app.kubernetes.io/component=" + label,
          "--grace-period=0",
          "--force");
    }
  }

  /** In the shop's pod. */
  void execute(String marker) throws Exception {
    kubectl("exec", "deploy/shop", "--", "/bin/busybox", "echo", textOf(marker));
    told.add(marker);
  }

  /** One alert and one row for each. */
  void awaitTold() {
    List<String> rules = told.stream().map(Installation::ruleOf).toList();
    await()
        .atMost(LIMIT)
        .pollInterval(Duration.ofSeconds(3))
        .untilAsserted(
            () -> {
              assertThat(alerts())
                  .extracting(alert -> alert.get("rule").asText())
                  .containsExactlyInAnyOrderElementsOf(rules);
              assertThat(rows()).hasSize(told.size());
            });
  }

  /** Those of the shop: who asks for an execution has the marker in its command line, too. */
  static List<JsonNode> alerts() throws IOException {
    return alerts("shop-");
  }

  static List<JsonNode> alerts(String pods) throws IOException {
    return parse(
            interdict(
                "sts/interdict-responder",
                "containments",
                "--json",
                "--data",
                "/var/lib/interdict/responder"))
        .stream()
        .filter(alert -> alert.get("pod").asText().startsWith(pods))
        .toList();
  }

  static List<JsonNode> rows() throws IOException {
    return archived(new Pod(Cluster.NAMESPACE, "shop-%"), "%" + textOf("") + "%");
  }

  /** Executions of which pod and command line are like these. */
  static List<JsonNode> archived(Pod pod, String commandLine) throws IOException {
    return parse(
        interdict(
            "deploy/interdict-archive-taskmanager",
            "query",
            "--data",
            "/data/archive",
            "--format",
            "jsonl",
            "-p",
            "namespace=" + pod.namespace(),
            "-p",
            "pod=" + pod.name(),
            "-p",
            "line=" + commandLine,
            "SELECT container_pod, container_namespace, container_name, container_image FROM events"
                + " WHERE kind = 'exec' AND container_namespace = $namespace"
                + " AND container_pod LIKE $pod AND process_command_line LIKE $line"));
  }

  private static List<JsonNode> parse(Cluster.Outcome outcome) throws IOException {
    assertThat(outcome.ok()).as(outcome.out()).isTrue();
    List<JsonNode> objects = new ArrayList<>();
    for (String line : outcome.out().lines().toList()) {
      if (line.startsWith("{")) {
        objects.add(JSON.readTree(line));
      }
    }
    return objects;
  }

  /** What the API server holds now and did not before; all that it held before is there. */
  Set<String> leftBehind() throws Exception {
    Set<String> now = objects();
    assertThat(now).containsAll(before);
    now.removeAll(before);
    return now;
  }

  /** All that the API server holds, but what changes by itself. */
  private static Set<String> objects() throws Exception {
    String kinds =
        kubectl("api-resources", "--verbs=list", "-o=name")
            .lines()
            .filter(kind -> !kind.matches("(events|endpoints|endpointslices|podmetrics)([.].*)?"))
            .collect(Collectors.joining(","));
    return kubectl(
            "get",
            kinds,
            "-A",
            "--ignore-not-found",
            "--no-headers",
            "-o=custom-columns=KIND:.kind,NAME:.metadata.name")
        .lines()
        .map(line -> line.trim().replaceFirst(" +", "/"))
        .filter(object -> !object.startsWith("Lease/node")) // a node's own, once it has reported
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
