package dev.interdict.cli;

import dev.interdict.agent.Agent;
import dev.interdict.agent.AgentConfig;
import dev.interdict.agent.audit.AuditWebhookConfig;
import dev.interdict.agent.command.CgroupScope;
import dev.interdict.agent.kernel.Capabilities;
import dev.interdict.agent.kernel.Hook;
import dev.interdict.agent.kernel.SensorConfig;
import dev.interdict.bus.client.BusConfig;
import dev.interdict.bus.tls.IdentityFiles;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "run",
    description = "Record this node's kernel events, serve them to the bus, carry out responses.",
    mixinStandardHelpOptions = true)
final class AgentRunCommand implements Callable<Integer> {
  @Option(
      names = "--data",
      paramLabel = "DIR",
      defaultValue = "/var/lib/interdict/agent",
      description = "Recorder, journal and audit log (default: ${DEFAULT-VALUE}).")
  private Path data;

  @Option(
      names = "--backplane",
      paramLabel = "HOST:PORT",
      required = true,
      split = ",",
      description = "Every backplane to connect to.")
  private List<String> backplanes;

  @Option(
      names = "--identity",
      paramLabel = "DIR",
      defaultValue = "/etc/interdict/agent",
      description =
          "key.pem, cert.pem and ca.pem; the certificate names the node (default:"
              + " ${DEFAULT-VALUE}).")
  private Path identity;

  @Option(names = "--name", description = "The node's name for people (default: the hostname).")
  private String name;

  @Option(names = "--label", paramLabel = "KEY=VALUE", description = "To select nodes by.")
  private Map<String, String> labels = new LinkedHashMap<>();

  @Option(
      names = "--watch",
      paramLabel = "PATH",
      description =
          "Record every open of it too, for reading as well; * stands for any characters, but the"
              + " last name or the one before it has none.")
  private List<String> watched = new ArrayList<>();

  @Option(
      names = "--cgroup-scope",
      paramLabel = "PATH",
      defaultValue = "/",
      description =
          "Only cgroups at or below this may be contained; with a * at the end, those whose path"
              + " begins so. A second agent on this host is refused unless their scopes are"
              + " disjoint (default: ${DEFAULT-VALUE}, the whole host).")
  private String scope;

  @Option(
      names = "--run",
      paramLabel = "DIR",
      defaultValue = "/run/interdict/agents",
      description =
          "Where the agents of this host know each other by; in a container the host's (default:"
              + " ${DEFAULT-VALUE}).")
  private Path run;

  @Option(
      names = "--audit-webhook",
      paramLabel = "HOST:PORT",
      description =
          "Take the Kubernetes API server's audit events here, by TLS; needs --audit-cert,"
              + " --audit-key, and --audit-token-file or --audit-client-ca (default: off).")
  private String auditWebhook;

  @Option(names = "--audit-cert", paramLabel = "FILE", description = "Its certificate, PEM.")
  private Path auditCertificate;

  @Option(names = "--audit-key", paramLabel = "FILE", description = "Its key, PEM (PKCS#8).")
  private Path auditKey;

  @Option(
      names = "--audit-token-file",
      paramLabel = "FILE",
      description = "The bearer token that the API server has to present.")
  private Path auditToken;

  @Option(
      names = "--audit-client-ca",
      paramLabel = "FILE",
      description = "Who signs the certificate that the API server has to present, PEM.")
  private Path auditClientAuthority;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    BusConfig bus =
        new BusConfig(
            backplanes.stream().map(HostPort::parse).toList(), IdentityFiles.watch(identity));
    String nodeName = name != null ? name : InetAddress.getLocalHost().getHostName();
    CountDownLatch ended = new CountDownLatch(1);
    AgentConfig config =
        AgentConfig.of(data, nodeName, bus)
            .withLabels(labels)
            .withSensor(sensor())
            .withScope(scope())
            .withAudit(audit())
            .withRun(run);
    try (Agent agent = Agent.start(config)) {
      Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(agent, ended), "interdict-stop"));
      var out = spec.commandLine().getOut();
      List<Hook> hooks = agent.hooks();
      List<Hook> unseen = Hook.unseen(hooks);
      long kinds = hooks.stream().map(Hook::kind).distinct().count();
      out.printf(
          "capturing on node %s (%s), epoch %d, %d of %d kinds, data in %s%n",
          agent.node(),
          nodeName,
          agent.epoch(),
          kinds - unseen.stream().map(Hook::kind).distinct().count(),
          kinds,
          data);
      for (Hook hook : unseen) {
        out.printf("  without %s by %s: %s%n", hook.kind(), hook.hook(), hook.reason());
      }
      Capabilities capabilities = Capabilities.own();
      for (Capabilities.Capability missing : capabilities.missing()) {
        out.printf("  without %s: %s%n", missing.name(), missing.loss());
      }
      if (!capabilities.excess().isEmpty()) {
        out.println("  with more than it needs: " + String.join(", ", capabilities.excess()));
      }
      if (agent.auditAddress() != null) {
        out.println("  taking Kubernetes audit events on " + agent.auditAddress());
      }
      if (agent.obstacle() != null) {
        out.println("  without containment: " + agent.obstacle());
      }
      out.flush();
      ended.await();
    }
    return ExitCode.OK;
  }

  private SensorConfig sensor() {
    SensorConfig usual = SensorConfig.defaults();
    List<String> all = new ArrayList<>(usual.watched());
    all.addAll(watched);
    return usual.withWatched(all);
  }

  private AuditWebhookConfig audit() {
    if (auditWebhook == null) {
      return null;
    }
    if (auditCertificate == null || auditKey == null) {
      throw new CommandFailure(
          ExitCode.USAGE, "--audit-webhook needs --audit-cert and --audit-key");
    }
    try {
      return new AuditWebhookConfig(
          HostPort.parse(auditWebhook),
          auditKey,
          auditCertificate,
          auditToken,
          auditClientAuthority);
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(ExitCode.USAGE, e.getMessage(), e);
    }
  }

  private CgroupScope scope() {
    try {
      return new CgroupScope(scope);
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(ExitCode.USAGE, e.getMessage(), e);
    }
  }

  private static void stop(Agent agent, CountDownLatch ended) {
    try {
      agent.close();
    } catch (IOException e) {
      LoggerFactory.getLogger(AgentRunCommand.class).error("the agent did not stop cleanly", e);
    } finally {
      ended.countDown();
    }
  }
}
