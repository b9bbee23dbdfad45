package dev.interdict.cli;

import dev.interdict.bus.client.BusConfig;
import dev.interdict.bus.tls.IdentityFiles;
import dev.interdict.response.InvalidPolicyException;
import dev.interdict.response.Orchestrator;
import dev.interdict.response.Policies;
import dev.interdict.response.Responder;
import dev.interdict.response.ResponderConfig;
import dev.interdict.response.ResponderMetrics;
import dev.interdict.response.kubernetes.Membership;
import java.io.Closeable;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "respond",
    description = {
      "Decide about alerts and have nodes contain what the policies say.",
      "",
      "With --kubernetes it also knows what owns a container, takes ResponsePolicy resources,"
          + " shows each decision as a Containment, and carries out what policies do to pods,"
          + " workloads and nodes."
    },
    mixinStandardHelpOptions = true,
    footerHeading = "%nExamples:%n",
    footer = {
      "  interdict respond --backplane backplane:7400 --policy policies.yaml",
      "  interdict respond --backplane backplane:7400 --kubernetes --namespace interdict",
      "  KUBECONFIG=admin.conf interdict respond --backplane 127.0.0.1:7400 --kubernetes"
    })
final class RespondCommand implements Callable<Integer> {
  private static final long CLOSE_SECONDS = 15;

  @Option(
      names = "--backplane",
      paramLabel = "HOST:PORT",
      required = true,
      split = ",",
      description = "The backplanes; one of them is used at a time.")
  private List<String> backplanes;

  @Option(
      names = "--identity",
      paramLabel = "DIR",
      defaultValue = "/etc/interdict/responder",
      description = "key.pem, cert.pem and ca.pem of a responder (default: ${DEFAULT-VALUE}).")
  private Path identity;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      defaultValue = "/var/lib/interdict/responder",
      description = "Alert log and local socket (default: ${DEFAULT-VALUE}).")
  private Path data;

  @Option(
      names = "--policy",
      paramLabel = "FILE",
      description = "What to do about which alert (default: observe, touch nothing).")
  private Path policy;

  @Option(
      names = "--kubernetes",
      description = "Respond within a cluster: that of the pod, or of the kubeconfig.")
  private boolean kubernetes;

  @Option(
      names = "--namespace",
      paramLabel = "NAMESPACE",
      description =
          "Where Interdict runs, with the Lease of the responder that acts; what is a part of it is"
              + " never touched (default: that of the pod or the kubeconfig).")
  private String namespace;

  @Option(
      names = "--lease",
      paramLabel = "NAME",
      defaultValue = "interdict-responder",
      description = "Of several responders the one that holds it acts (default: ${DEFAULT-VALUE}).")
  private String lease;

  @Mixin private MetricsOption metrics = new MetricsOption(MetricsOption.NONE);

  @Spec private CommandSpec spec;

  private final CountDownLatch ended = new CountDownLatch(1);
  private final CountDownLatch closed = new CountDownLatch(1);

  @Override
  public Integer call() throws IOException, InterruptedException {
    Runtime.getRuntime().addShutdownHook(new Thread(this::stop, "interdict-stop"));
    try {
      return start();
    } finally {
      closed.countDown();
    }
  }

  private int start() throws IOException, InterruptedException {
    if (!kubernetes) {
      return respond(Orchestrator.NONE, new CompletableFuture<>());
    }
    try (Membership membership = Membership.join(namespace, lease, identity())) {
      return leads(membership)
          ? respond(membership.orchestrator(policies()), membership.lost())
          : ExitCode.OK;
    }
  }

  /** Waits to lead; false if it is to end before. */
  private boolean leads(Membership membership) throws InterruptedException {
    while (!membership.leads(Duration.ofMillis(200))) {
      if (ended.getCount() == 0) {
        return false;
      }
    }
    return true;
  }

  /** Unlike that of any other that may run, at the same time or before. */
  private static String identity() {
    String host = System.getenv().getOrDefault("HOSTNAME", "responder");
    return host + "-" + ProcessHandle.current().pid() + "-" + System.currentTimeMillis();
  }

  /**
   * @param lost completes when another may act in its place
   */
  private int respond(Orchestrator orchestrator, CompletableFuture<Void> lost)
      throws IOException, InterruptedException {
    Policies policies = policies();
    ResponderConfig config = config(policies, orchestrator);
    PrintWriter out = spec.commandLine().getOut();
    try (Responder responder = Responder.start(config);
        Closeable unusedMetrics = metrics.start(new ResponderMetrics(responder), out)) {
      CompletableFuture<?> unused = lost.thenRun(ended::countDown);
      out.printf("responding by policy %s, data in %s%n", policies.names(), data).flush();
      ended.await();
    }
    if (lost.isDone()) {
      throw new CommandFailure(
          ExitCode.FAILED, "the Lease " + lease + " was lost, another may act");
    }
    return ExitCode.OK;
  }

  private ResponderConfig config(Policies policies, Orchestrator orchestrator) throws IOException {
    try {
      return new ResponderConfig(
          new BusConfig(
              backplanes.stream().map(HostPort::parse).toList(), IdentityFiles.watch(identity)),
          data,
          policies,
          orchestrator);
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(ExitCode.USAGE, e.getMessage(), e);
    }
  }

  private Policies policies() throws IOException {
    try {
      return policy == null ? Policies.observing() : Policies.load(policy);
    } catch (InvalidPolicyException e) {
      throw new CommandFailure(ExitCode.USAGE, e.getMessage(), e);
    }
  }

  /** What is started is closed in order, by the thread that started it. */
  private void stop() {
    ended.countDown();
    try {
      if (!closed.await(CLOSE_SECONDS, TimeUnit.SECONDS)) {
        LoggerFactory.getLogger(RespondCommand.class).error("the responder did not stop cleanly");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
