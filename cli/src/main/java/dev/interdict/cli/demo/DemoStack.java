package dev.interdict.cli.demo;

import dev.interdict.agent.Agent;
import dev.interdict.agent.AgentConfig;
import dev.interdict.agent.command.CgroupScope;
import dev.interdict.agent.kernel.Hook;
import dev.interdict.bus.backplane.Backplane;
import dev.interdict.bus.backplane.BackplaneConfig;
import dev.interdict.bus.client.BusClient;
import dev.interdict.bus.client.BusConfig;
import dev.interdict.bus.local.Parts;
import dev.interdict.bus.tls.Identity;
import dev.interdict.bus.tls.Pki;
import dev.interdict.bus.tls.Role;
import dev.interdict.cep.RuleSet;
import dev.interdict.cli.ArchiveUpkeep;
import dev.interdict.jobs.ArchiveConfig;
import dev.interdict.jobs.DetectionConfig;
import dev.interdict.jobs.EmbeddedFlink;
import dev.interdict.jobs.EmbeddedJob;
import dev.interdict.jobs.sequence.SequenceProgress;
import dev.interdict.jobs.source.Start;
import dev.interdict.response.ContainmentRecord;
import dev.interdict.response.Policies;
import dev.interdict.response.Responder;
import dev.interdict.response.ResponderConfig;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * Every part of Interdict in this process, over real sockets, certificates and files. Closed in the
 * reverse order of its start.
 */
final class DemoStack implements AutoCloseable {
  private static final Duration VALIDITY = Duration.ofDays(1);
  private static final Duration CHECKPOINTS = Duration.ofSeconds(1);
  private static final Duration UPKEEP = Duration.ofHours(1);
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Path directory;
  private final Story story;
  private final String node = UUID.randomUUID().toString();
  private final Pki authority = Pki.create("demo", VALIDITY);
  private final Parts parts = new Parts();
  private Backplane backplane;
  private Responder responder;
  private EmbeddedJob archive;

  private DemoStack(Path directory, Story story) {
    this.directory = directory;
    this.story = story;
  }

  /** How the node comes to be: an agent on this kernel, or a recorded flight. */
  interface NodeStarter {
    Closeable start(Path directory, BusConfig bus, Story story) throws IOException;
  }

  static DemoStack start(
      Path directory,
      Story story,
      NodeStarter starter,
      SequenceProgress.Listener progress,
      Consumer<ContainmentRecord> watcher)
      throws IOException {
    DemoStack stack = new DemoStack(directory, story);
    try {
      stack.startBackplane();
      stack.startResponder();
      stack.responder.watch(watcher);
      stack.startJobs(progress);
      stack.startNode(starter);
      return stack;
    } catch (IOException | RuntimeException e) {
      try {
        stack.close();
      } catch (IOException suppressed) {
        e.addSuppressed(suppressed);
      }
      throw e;
    }
  }

  /** The node of this kernel; it may contain the demo's own cgroups and nothing else. */
  static Closeable startAgent(Path directory, BusConfig bus, Story story) throws IOException {
    long began = System.nanoTime();
    AgentConfig config =
        AgentConfig.of(directory, "demo", bus)
            .withScope(new CgroupScope("/" + DemoContainer.ID_PREFIX + "*"))
            .withRun(directory.resolve("agents")); // the host's own agent may run beside it
    Agent agent = Agent.start(config);
    long attached =
        agent.hooks().stream().filter(hook -> hook.state() == Hook.State.ATTACHED).count();
    story.ready(
        "agent",
        "node " + agent.node() + ", epoch " + agent.epoch() + ", " + attached + " kernel hooks",
        System.nanoTime() - began);
    return agent::close;
  }

  private void startBackplane() throws IOException {
    long began = System.nanoTime();
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    backplane =
        Backplane.start(
            new BackplaneConfig(any, authority.issue(Role.BACKPLANE, "demo", VALIDITY)));
    parts.push(backplane::close);
    story.ready(
        "backplane",
        backplane.address().getHostString()
            + ":"
            + backplane.address().getPort()
            + ", mutual TLS 1.3",
        System.nanoTime() - began);
  }

  private void startResponder() throws IOException {
    long began = System.nanoTime();
    Policies policies = Policies.parse("demo", resource("policy.yaml"));
    responder =
        Responder.start(
            new ResponderConfig(
                bus(Role.RESPONDER, "responder"), directory.resolve("responder"), policies));
    parts.push(responder::close);
    story.ready("responder", "policy demo: cut and freeze", System.nanoTime() - began);
  }

  private void startJobs(SequenceProgress.Listener progress) throws IOException {
    long began = System.nanoTime();
    RuleSet rules = RuleSet.builtin();
    EmbeddedFlink flink =
        EmbeddedFlink.start(new EmbeddedFlink.Settings(directory.resolve("flink"), 2, CHECKPOINTS));
    parts.push(flink::close);
    EmbeddedJob detection =
        flink.submitDetection(
            new DetectionConfig(
                    flink.access(bus(Role.CONSUMER, "detection")), rules, Start.EARLIEST)
                .archivingAlerts(data().resolve("alerts").toUri()),
            1,
            null,
            progress);
    archive =
        flink.submitArchive(
            new ArchiveConfig(
                flink.access(bus(Role.CONSUMER, "archive")),
                data().resolve("events").toUri(),
                Start.EARLIEST),
            1);
    parts.push(ArchiveUpkeep.every(data(), UPKEEP));
    detection.awaitRunning(PATIENCE);
    archive.awaitRunning(PATIENCE);
    story.ready(
        "analysis",
        "Flink: detection ("
            + rules.rules().size()
            + " rules, "
            + rules.sequences().size()
            + " sequences) and archive",
        System.nanoTime() - began);
  }

  private void startNode(NodeStarter starter) throws IOException {
    Closeable started = starter.start(directory.resolve("agent"), bus(Role.NODE, node), story);
    parts.push(started);
  }

  /** The node's id, as it stands in Positions. */
  String node() {
    return node;
  }

  /** What {@code interdict query --data} takes. */
  Path data() {
    return directory.resolve("archive");
  }

  Responder responder() {
    return responder;
  }

  /** A consumer of its own, for watching. */
  BusClient watcher() {
    return BusClient.connect(bus(Role.CONSUMER, "watcher"), "watcher");
  }

  /** Everything recorded so far is in finished files when this returns. */
  void flushArchive() throws IOException {
    archive.awaitCheckpoint(PATIENCE);
  }

  private BusConfig bus(Role role, String id) {
    Identity identity = authority.issue(role, id, VALIDITY);
    return new BusConfig(List.of(backplane.address()), identity);
  }

  static String resource(String name) throws IOException {
    try (var in = DemoStack.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IOException("not in the jar: " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Override
  public void close() throws IOException {
    parts.close();
  }
}
