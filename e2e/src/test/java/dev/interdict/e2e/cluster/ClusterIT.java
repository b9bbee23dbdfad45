package dev.interdict.e2e.cluster;

import static dev.interdict.e2e.cluster.Cluster.helm;
import static dev.interdict.e2e.cluster.Cluster.kubectl;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.interdict.e2e.cluster.Attacked.Pod;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Stream;
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
  private static final Duration LIMIT = Installation.LIMIT;
  private static final Path DATA = Cluster.state().resolve("data/agent");

  /** What is to be done with a pod of a Deployment. */
  private static final String REPLACED = "cut, frozen, save-evidence, orphan";

  private final Installation interdict = new Installation();
  private boolean up;

  @BeforeAll
  void install() throws Exception {
    Cluster.assumeWanted();
    up = true;
    Cluster.up(1);
    interdict.install();
    Attacked.workloads();
    Attacked.policies();
  }

  @AfterAll
  void takeDown() throws Exception {
    if (up) {
      Cluster.down();
    }
  }

  @Test
  @Order(1)
  void shouldTellAnExecutionInAPodByItsNames() throws Exception {
    interdict.execute("first");
    interdict.awaitTold();

    String pod = kubectl("get", "pods", "-l=app=shop", "-o=jsonpath={.items[0].metadata.name}");
    JsonNode alert = Installation.alerts().get(0);
    assertThat(alert.get("pod").asText()).isEqualTo(pod);
    assertThat(alert.get("namespace").asText()).isEqualTo(Cluster.NAMESPACE);
    assertThat(alert.get("container").asText()).isEqualTo("busybox");
    assertThat(alert.get("image").asText()).isEqualTo("localhost/busybox:1");
    assertThat(alert.get("state").asText()).isEqualTo("OBSERVED");
    JsonNode row = Installation.rows().get(0);
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
  @Order(2)
  void shouldSayWhatAPolicyLacks() throws Exception {
    assertThat(kubectl("get", "responsepolicy", "unable", "-o=jsonpath={.status.message}"))
        .contains("checkpoint is left out", "nodes");
    assertThat(kubectl("get", "responsepolicy", "stateless", "-o=jsonpath={.status.message}"))
        .isEmpty();
  }

  @Test
  @Order(3)
  void shouldRecoverWhenAnyPartIsKilled() throws Exception {
    Installation.kill(
        "backplane",
        "detection,interdict.dev/flink=taskmanager",
        "detection,interdict.dev/flink=jobmanager",
        "archive,interdict.dev/flink=taskmanager",
        "archive,interdict.dev/flink=jobmanager",
        "responder");
    interdict.execute("killed"); // the recorder holds it until somebody asks
    interdict.awaitTold();
    Installation.awaitReady();
    Installation.kill("agent");
    Installation.awaitReady();
    interdict.execute("agent");
    interdict.awaitTold();
  }

  @Test
  @Order(4)
  void shouldStopAnAttackOnADeployment() throws Exception {
    Pod pod = Attacked.pod("web");
    try (ReverseShell shell = ReverseShell.lookingAround(pod)) {
      Attacked.awaitState(pod, "InForce");
      assertThat(shell.answers("id")).as("what is frozen and cut does not answer").isFalse();
    }
    JsonNode containment = Attacked.awaitDid(pod, REPLACED);
    JsonNode intent = containment.path("spec").path("intent");
    assertThat(intent.path("workload").asText()).isEqualTo("store/Deployment/web");
    assertThat(intent.path("title").asText()).isEqualTo("Reverse shell that looks around");
    assertThat(Attacked.ready("web")).hasSize(2).doesNotContain(pod);
    assertThat(pod.kubectl("get", "pod", pod.name(), "-o=jsonpath={.metadata.labels}"))
        .contains("interdict.dev/contained")
        .doesNotContain("app");
    assertThat(pod.kubectl("get", "events")).contains("Reverse shell that looks around");
    await()
        .atMost(LIMIT)
        .pollInterval(Duration.ofSeconds(3))
        .untilAsserted(() -> assertThat(Installation.archived(pod, "%passwd%")).isNotEmpty());

    // One that is attacked again does not loop: the budget of the workload is spent.
    Pod next = Attacked.pod("web");
    try (ReverseShell shell = ReverseShell.lookingAround(next)) {
      assertThat(skipped(next)).contains("workload");
      assertThat(shell.answers("id")).as("nothing was done").isTrue();
    }
    Attacked.release(pod, containment);
    await().atMost(LIMIT).until(pod::isGone);
  }

  private static String skipped(Pod pod) {
    return Attacked.awaitState(pod, "Skipped").path("status").path("reason").asText();
  }

  @Test
  @Order(5)
  void shouldAskBeforeItTouchesWhatKeepsState() throws Exception {
    Pod pod = new Pod("store", "db-0");
    try (ReverseShell shell = ReverseShell.lookingAround(pod)) {
      JsonNode waiting = Attacked.awaitState(pod, "Waiting");
      assertThat(shell.answers("id")).as("nobody has approved yet").isTrue();
      Attacked.order(waiting, "approve");
      JsonNode cut = Attacked.awaitState(pod, "InForce");
      assertThat(cut.path("status").path("did").asText()).startsWith("cut");
      assertThat(shell.answers("id")).as("it is cut").isFalse();
      Attacked.release(pod, cut);
    }
    assertThat(Attacked.ready("db")).containsExactly(pod);
  }

  @Test
  @Order(6)
  void shouldCordonTheNodeOfWhoEscapes() throws Exception {
    Pod pod = Attacked.pod("edge");
    try (ReverseShell shell = ReverseShell.into(pod)) {
      assertThat(shell.answers("id")).as("the attacker is in").isTrue();
      shell.say("exec chroot /host /bin/sh"); // its files are the node's now
      JsonNode containment = Attacked.awaitDid(pod, "cut, frozen, cordon");
      assertThat(containment.path("spec").path("intent").path("title").asText())
          .isEqualTo("Root directory changed to that of the host from a container");
      assertThat(shell.answers("id")).as("it was stopped").isFalse();
      assertThat(unschedulable()).isEqualTo("true");
      Attacked.release(pod, containment);
      await().atMost(LIMIT).until(() -> unschedulable().isEmpty());
    } finally {
      kubectl("uncordon", "-l=kubernetes.io/os=linux");
    }
  }

  private static String unschedulable() throws Exception {
    return kubectl("get", "nodes", "-o=jsonpath={.items[*].spec.unschedulable}");
  }

  @Test
  @Order(7)
  void shouldTreatWhatRunsAsWhatItIs() throws Exception {
    Pod scan = Attacked.pod("scan");
    Attacked.release(scan, stopped(scan, "cut, frozen, orphan", "DaemonSet scan has 1 ready pods"));
    await().atMost(LIMIT).until(scan::isGone);

    Pod batch = Attacked.pod("batch");
    Attacked.release(batch, stopped(batch, "cut, frozen", "which would begin its work again"));
    assertThat(Attacked.ready("batch")).containsExactly(batch);

    Pod lone = Attacked.pod("lone");
    Attacked.release(lone, stopped(lone, "cut, frozen", "belongs to nothing that would replace"));
    assertThat(Attacked.ready("lone")).containsExactly(lone);
  }

  /** Attacks it, and looks for what was said of the steps. */
  private static JsonNode stopped(Pod pod, String did, String said) throws Exception {
    try (ReverseShell shell = ReverseShell.lookingAround(pod)) {
      await(pod.name() + ": " + said)
          .atMost(LIMIT)
          .untilAsserted(
              () ->
                  assertThat(Attacked.containments(pod))
                      .extracting(each -> each.path("status").path("steps").toString())
                      .anyMatch(steps -> steps.contains(said)));
      assertThat(shell.answers("id")).isFalse();
    }
    return Attacked.awaitDid(pod, did);
  }

  @Test
  @Order(8)
  void shouldKeepItsHandsOffWhereARailHolds() throws Exception {
    spared("vault", "gold", "namespace vault is exempt");
    spared("store", "guarded", "disruption budget guarded allows no disruption now");
    Attacked.apply(
        """
        apiVersion: interdict.dev/v1alpha1
        kind: ResponseStop
        metadata: {name: now}
        spec: {reason: we move the shop}
        """);
    spared("store", "halted", "we move the shop");
    kubectl("delete", "responsestop", "now");
  }

  private static void spared(String namespace, String app, String why) throws Exception {
    Pod pod = Attacked.pod(namespace, app);
    try (ReverseShell shell = ReverseShell.lookingAround(pod)) {
      assertThat(skipped(pod)).contains(why);
      assertThat(shell.answers("id")).as(app + " was spared").isTrue();
    }
  }

  /** Its kubelet restarts a container that is frozen: what was there is saved by then. */
  @Test
  @Order(9)
  void shouldSaveTheEvidenceBeforeAProbeEndsIt() throws Exception {
    Pod pod = Attacked.pod("probed");
    JsonNode containment;
    try (ReverseShell shell = ReverseShell.into(pod)) {
      shell.say("echo dropped > /tmp/payload");
      assertThat(shell.answers("cat /tmp/payload")).isTrue();
      shell.say("cat /etc/passwd");
      containment = Attacked.awaitDid(pod, REPLACED);
    }
    await()
        .atMost(LIMIT)
        .untilAsserted(
            () ->
                assertThat(Attacked.containments(pod).get(0).path("status").path("reason").asText())
                    .contains("has restarted container main"));
    Path evidence =
        DATA.resolve("evidence")
            .resolve(containment.path("metadata").path("name").asText() + "-0/state");
    assertThat(evidence.resolve("manifest.json")).content().contains("files-");
    try (Stream<Path> saved = Files.walk(evidence)) {
      assertThat(saved.map(file -> file.getFileName().toString()))
          .contains("maps", "links", "net-tcp", "cmdline")
          .anyMatch(name -> name.startsWith("files-"));
    }
    Attacked.release(pod, containment);
  }

  /** Whatever of it is killed right after the attack. */
  @Test
  @Order(10)
  void shouldRespondExactlyOnceWhenItsPartsAreKilled() throws Exception {
    Pod pod = Attacked.pod("late");
    try (ReverseShell shell = ReverseShell.lookingAround(pod)) {
      Installation.kill(
          "responder",
          "backplane",
          "detection,interdict.dev/flink=taskmanager",
          "detection,interdict.dev/flink=jobmanager",
          "agent");
      Attacked.awaitDid(pod, REPLACED);
      assertThat(shell.answers("id")).isFalse();
    }
    Installation.awaitReady();
    assertThat(Attacked.containments(pod)).hasSize(1);
    assertThat(Attacked.ready("late")).hasSize(1).doesNotContain(pod);
  }

  /** A rule that is added to the ConfigMap while everything runs. */
  @Test
  @Order(11)
  void shouldTakeRulesAsTheyCome() throws Exception {
    interdict.addRule("later");
    Pod pod = Attacked.pod("moving");
    await()
        .atMost(LIMIT)
        .pollInterval(Duration.ofSeconds(5))
        .until(
            () -> {
              String marker = Installation.textOf("later");
              pod.kubectl("exec", pod.name(), "--", "/bin/busybox", "echo", marker);
              return Installation.alerts(pod.name()).stream()
                  .anyMatch(
                      alert -> alert.get("rule").asText().equals(Installation.ruleOf("later")));
            });
  }

  /** In the middle of an attack, and under load. */
  @Test
  @Order(12)
  void shouldUpgradeWithoutLosingAnAlert() throws Exception {
    kubectl("-n", "store", "scale", "deployment", "busy", "--replicas=2");
    Attacked.pod("busy");
    // An agent that is replaced sees nothing meanwhile; what it saw before is to be told.
    interdict.execute("between");
    Pod pod = Attacked.pod("moving");
    try (ReverseShell shell = ReverseShell.lookingAround(pod)) {
      interdict.upgrade(
          "--set=podAnnotations.upgraded=yes", "--set=flink.config.metrics\\.scope\\.jm=upgraded");
      Attacked.awaitDid(pod, REPLACED);
      assertThat(shell.answers("id")).isFalse();
    }
    assertThat(Attacked.containments(pod)).hasSize(1);
    kubectl("-n", "store", "scale", "deployment", "busy", "--replicas=0");
    interdict.execute("upgraded");
    interdict.awaitTold();
  }

  @Test
  @Order(13)
  void shouldLeaveNothingButWhatItSays() throws Exception {
    helm("uninstall", "interdict", "--wait", "--timeout=8m");
    kubectl("delete", "configmap", "-l=type=flink-native-kubernetes");
    kubectl("delete", "namespace", "store", "vault");
    await()
        .atMost(LIMIT)
        .pollInterval(Duration.ofSeconds(2))
        .untilAsserted(
            () -> {
              Set<String> left = interdict.leftBehind();
              // What people decided is theirs.
              assertThat(left).contains("ResponsePolicy/stateless");
              assertThat(left).allMatch(each -> each.matches(LEFT));
            });
    assertThat(DATA.resolve("recorder")).isDirectory();
  }

  private static final String LEFT =
      "(ResponsePolicy|Containment)/.*"
          + "|CustomResourceDefinition/[a-z]*[.]interdict[.]dev"
          + "|APIService/v1alpha1[.]interdict[.]dev"
          + "|Lease/interdict-responder";
}
