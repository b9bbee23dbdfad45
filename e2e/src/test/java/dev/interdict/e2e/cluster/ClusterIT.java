package dev.interdict.e2e.cluster;

import static dev.interdict.e2e.cluster.Cluster.helm;
import static dev.interdict.e2e.cluster.Cluster.interdict;
import static dev.interdict.e2e.cluster.Cluster.kubectl;
import static dev.interdict.e2e.cluster.Cluster.tryKubectl;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * The chart on a real Kubernetes: an execution in a pod becomes an alert and a row, whatever part
 * is killed meanwhile. {@code ./interdict test --cluster} makes the images and asks for it.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class ClusterIT {
  private static final Duration LIMIT = Duration.ofMinutes(8);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path STATE = Cluster.state();
  private static final String RESPONDER = "sts/interdict-responder";
  private static final String ARCHIVE = "deploy/interdict-archive-taskmanager";

  /** A rule for each execution: repetitions of one would be folded into its first alert. */
  private static final String RULE =
      """
      title: A marked command
      id: %s
      logsource: {category: process_creation, product: linux}
      detection:
        marked: {CommandLine|contains: interdict-marker-%s}
        condition: marked
      level: high
      """;

  private static final Map<String, String> RULES =
      Map.of(
          "first", "6d1f6a52-3c0e-4a25-9d4b-0d7c6c1f2e01",
          "killed", "6d1f6a52-3c0e-4a25-9d4b-0d7c6c1f2e02",
          "agent", "6d1f6a52-3c0e-4a25-9d4b-0d7c6c1f2e05",
          "between", "6d1f6a52-3c0e-4a25-9d4b-0d7c6c1f2e03",
          "upgraded", "6d1f6a52-3c0e-4a25-9d4b-0d7c6c1f2e04");

  private final List<String> told = new ArrayList<>();
  private boolean up;

  @BeforeAll
  void install() throws Exception {
    Path images = Cluster.assumeWanted();
    up = true;
    Cluster.up(1);
    Cluster.load(images.resolve("interdict-agent.tar"), images.resolve("interdict.tar"));

    kubectl("create", "namespace", Cluster.NAMESPACE);
    Path rules = Files.createDirectories(STATE.resolve("rules"));
    for (Map.Entry<String, String> rule : RULES.entrySet()) {
      Files.writeString(
          rules.resolve(rule.getKey() + ".yml"), RULE.formatted(rule.getValue(), rule.getKey()));
    }
    Files.writeString(rules.resolve("attack.yml"), ReverseShell.RULES);
    kubectl("create", "configmap", "rules", "--from-file=" + rules);
    helm("install", "interdict", Cluster.TOP.resolve("helm/interdict").toString(), "-f", values());
    kubectl(
        "create", "deployment", "shop", "--image=localhost/busybox:1", "--", "/bin/sleep", "36000");
    awaitReady();
  }

  /** Volumes on the node's disk: a cluster of one node has no provisioner. */
  private static String values() throws IOException {
    for (String volume : List.of("flink", "responder")) {
      Path folder = Files.createDirectories(STATE.resolve("test").resolve(volume));
      Files.setAttribute(folder, "unix:uid", 65532);
    }
    String text =
        """
        agent: {data: %1$s/agent, run: %1$s/run, cgroupScope: /interdict-node1}
        detection: {rulesConfigMap: rules, slots: 1}
        flink: {storage: {volume: {hostPath: {path: %1$s/flink}}}}
        responder: {storage: {volume: {hostPath: {path: %1$s/responder}}}}
        """
            .formatted(STATE.resolve("test"));
    return Files.writeString(STATE.resolve("values.yaml"), text).toString();
  }

  @AfterAll
  void takeDown() throws Exception {
    if (up) {
      Cluster.down();
    }
  }

  private static void awaitReady() {
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

  private static final String READINESS =
      "NAME:.metadata.name,READY:.status.containerStatuses[*].ready";

  /** Executes it in the shop's pod. */
  private void execute(String name) throws Exception {
    kubectl("exec", "deploy/shop", "--", "/bin/busybox", "echo", "interdict-marker-" + name);
    told.add(name);
  }

  /** One alert and one row for each. */
  private void awaitTold() {
    List<String> rules = told.stream().map(RULES::get).toList();
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
  private static List<JsonNode> alerts() throws IOException {
    return objects(
            interdict(
                RESPONDER, "containments", "--json", "--data", "/var/lib/interdict/responder"))
        .stream()
        .filter(alert -> alert.get("pod").asText().startsWith("shop-"))
        .toList();
  }

  private static List<JsonNode> rows() throws IOException {
    return objects(
        interdict(
            ARCHIVE,
            "query",
            "--data",
            "/data/archive",
            "--format",
            "jsonl",
            "SELECT container_pod, container_namespace, container_name, container_image,"
                + " process_command_line FROM events WHERE kind = 'exec' AND container_pod LIKE"
                + " 'shop-%' AND process_command_line LIKE '%interdict-marker%'"));
  }

  private static List<JsonNode> objects(Cluster.Outcome outcome) throws IOException {
    assertThat(outcome.ok()).as(outcome.out()).isTrue();
    List<JsonNode> objects = new ArrayList<>();
    for (String line : outcome.out().lines().toList()) {
      if (line.startsWith("{")) {
        objects.add(JSON.readTree(line));
      }
    }
    return objects;
  }

  @Test
  @Order(1)
  void shouldTellAnExecutionInAPodByItsNames() throws Exception {
    execute("first");
    awaitTold();

    String pod = kubectl("get", "pods", "-l=app=shop", "-o=jsonpath={.items[0].metadata.name}");
    JsonNode alert = alerts().get(0);
    assertThat(alert.get("pod").asText()).isEqualTo(pod);
    assertThat(alert.get("namespace").asText()).isEqualTo(Cluster.NAMESPACE);
    assertThat(alert.get("container").asText()).isEqualTo("busybox");
    assertThat(alert.get("image").asText()).isEqualTo("localhost/busybox:1");
    assertThat(alert.get("state").asText()).isEqualTo("OBSERVED");
    JsonNode row = rows().get(0);
    assertThat(row.get("container_pod").asText()).isEqualTo(pod);
    assertThat(row.get("container_namespace").asText()).isEqualTo(Cluster.NAMESPACE);
    assertThat(row.get("container_name").asText()).isEqualTo("busybox");
    assertThat(row.get("container_image").asText()).isEqualTo("localhost/busybox:1");
  }

  @Test
  @Order(2)
  void shouldAnswerAnAdministrator() throws Exception {
    assertThat(helm("test", "interdict", "--timeout=8m")).contains("Succeeded");
  }

  @Test
  @Order(3)
  void shouldRecoverWhenAnyPartIsKilled() throws Exception {
    for (String part :
        List.of(
            "app.kubernetes.io/component=backplane",
            "app.kubernetes.io/component=detection,interdict.dev/flink=taskmanager",
            "app.kubernetes.io/component=detection,interdict.dev/flink=jobmanager",
            "app.kubernetes.io/component=archive,interdict.dev/flink=taskmanager",
            "app.kubernetes.io/component=archive,interdict.dev/flink=jobmanager",
            "app.kubernetes.io/component=responder")) {
      kubectl("delete", "pod", "-l=" + part, "--grace-period=0", "--force");
    }
    execute("killed"); // the recorder holds it until somebody asks
    awaitTold();
    awaitReady();
    kubectl("delete", "pod", "-l=app.kubernetes.io/component=agent", "--grace-period=0", "--force");
    awaitReady();
    execute("agent");
    awaitTold();
  }

  @Test
  @Order(4)
  void shouldStopAnAttackOnADeployment() throws Exception {
    ReverseShell.workloads();
    ReverseShell.policies();
    JsonNode containment;
    String pod = ReverseShell.pod("web");
    try (ReverseShell shell = ReverseShell.into(pod)) {
      containment = ReverseShell.awaitContainment(pod, "InForce");
      assertThat(shell.answers("id")).as("what is frozen and cut does not answer").isFalse();
    }
    containment = ReverseShell.awaitDid(pod, "cut, frozen, save-window, orphan");
    JsonNode intent = containment.path("spec").path("intent");
    assertThat(intent.path("workload").asText()).isEqualTo("store/Deployment/web");
    assertThat(intent.path("title").asText()).isEqualTo("Reverse shell that looks around");
    assertThat(ReverseShell.ready("web")).hasSize(2).doesNotContain(pod);
    assertThat(kubectl("-n", "store", "get", "pod", pod, "-o=jsonpath={.metadata.labels}"))
        .contains("interdict.dev/contained")
        .doesNotContain("app");
    assertThat(kubectl("-n", "store", "get", "events")).contains("Reverse shell that looks around");
    await()
        .atMost(LIMIT)
        .pollInterval(Duration.ofSeconds(3))
        .untilAsserted(
            () ->
                assertThat(
                        objects(
                            interdict(
                                ARCHIVE,
                                "query",
                                "--data",
                                "/data/archive",
                                "--format",
                                "jsonl",
                                "SELECT process_command_line FROM events WHERE kind = 'exec' AND"
                                    + " container_pod = '"
                                    + pod
                                    + "' AND process_command_line LIKE '%passwd%'")))
                    .isNotEmpty());

    // One that is attacked again does not loop: the budget of the workload is spent.
    String next = ReverseShell.pod("web");
    try (ReverseShell shell = ReverseShell.into(next)) {
      assertThat(
              ReverseShell.awaitContainment(next, "Skipped").path("status").path("reason").asText())
          .contains("workload");
      assertThat(shell.answers("id")).as("nothing was done").isTrue();
    }
    ReverseShell.order(containment, "release");
    ReverseShell.awaitContainment(pod, "Released");
    await().atMost(LIMIT).until(() -> !tryKubectl("-n", "store", "get", "pod", pod).ok());
  }

  @Test
  @Order(5)
  void shouldAskBeforeItTouchesWhatKeepsState() throws Exception {
    try (ReverseShell shell = ReverseShell.into("db-0")) {
      JsonNode waiting = ReverseShell.awaitContainment("db-0", "Waiting");
      assertThat(shell.answers("id")).as("nobody has approved yet").isTrue();
      ReverseShell.order(waiting, "approve");
      JsonNode cut = ReverseShell.awaitContainment("db-0", "InForce");
      assertThat(cut.path("status").path("did").asText()).startsWith("cut");
      assertThat(shell.answers("id")).as("it is cut").isFalse();
      ReverseShell.order(cut, "release");
    }
    ReverseShell.awaitContainment("db-0", "Released");
    assertThat(ReverseShell.ready("db")).containsExactly("db-0");
  }

  @Test
  @Order(6)
  void shouldCordonTheNodeOfWhoReachesForIt() throws Exception {
    String pod = ReverseShell.pod("edge");
    kubectl("-n", "store", "exec", pod, "--", "/bin/busybox", "echo", "reach-for-the-host");
    JsonNode containment = ReverseShell.awaitDid(pod, "cut, frozen, cordon");
    assertThat(kubectl("get", "nodes", "-o=jsonpath={.items[*].spec.unschedulable}"))
        .isEqualTo("true");
    ReverseShell.order(containment, "release");
    await()
        .atMost(LIMIT)
        .until(
            () -> kubectl("get", "nodes", "-o=jsonpath={.items[*].spec.unschedulable}").isEmpty());
  }

  /** Whatever of it is killed right after the attack. */
  @Test
  @Order(7)
  void shouldRespondExactlyOnceWhenItsPartsAreKilled() throws Exception {
    String pod = ReverseShell.pod("late");
    try (ReverseShell shell = ReverseShell.into(pod)) {
      for (String part :
          List.of(
              "app.kubernetes.io/component=responder",
              "app.kubernetes.io/component=backplane",
              "app.kubernetes.io/component=detection,interdict.dev/flink=taskmanager")) {
        kubectl("delete", "pod", "-l=" + part, "--grace-period=0", "--force");
      }
      ReverseShell.awaitDid(pod, "cut, frozen, save-window, orphan");
      assertThat(shell.answers("id")).isFalse();
    }
    awaitReady();
    assertThat(ReverseShell.containments(pod)).hasSize(1);
    assertThat(ReverseShell.ready("late")).hasSize(1).doesNotContain(pod);
    assertThat(ReverseShell.all("late")).hasSize(1);
  }

  @Test
  @Order(8)
  void shouldUpgradeWithoutLosingAnAlert() throws Exception {
    // An agent that is replaced sees nothing meanwhile; what it saw before is to be told.
    execute("between");
    helm(
        "upgrade",
        "interdict",
        Cluster.TOP.resolve("helm/interdict").toString(),
        "-f",
        STATE.resolve("values.yaml").toString(),
        "--set=podAnnotations.upgraded=yes",
        "--set=flink.config.metrics\\.scope\\.jm=upgraded");
    awaitReady();
    execute("upgraded");
    awaitTold();
  }

  @Test
  @Order(9)
  void shouldLeaveNothingButWhatItSays() throws Exception {
    helm("uninstall", "interdict", "--wait", "--timeout=8m");
    kubectl("delete", "configmap", "-l=type=flink-native-kubernetes");
    await()
        .atMost(LIMIT)
        .untilAsserted(
            () ->
                assertThat(
                        tryKubectl(
                                "get",
                                "all,configmap,secret,serviceaccount,role,rolebinding,pvc,"
                                    + "networkpolicy,pdb,clusterrole,clusterrolebinding",
                                "-A",
                                "-o=name")
                            .out()
                            .lines()
                            .filter(name -> name.contains("interdict")))
                    .isEmpty());
    assertThat(STATE.resolve("test/agent/recorder")).isDirectory();
    // What people decided is theirs.
    assertThat(kubectl("get", "responsepolicies,containments", "-o=name"))
        .contains("responsepolicy.interdict.dev/stateless");
  }
}
