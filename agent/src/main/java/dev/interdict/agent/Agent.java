package dev.interdict.agent;

import dev.interdict.agent.audit.AuditWebhook;
import dev.interdict.agent.command.CommandExecutor;
import dev.interdict.agent.command.Evidence;
import dev.interdict.agent.kernel.Capabilities;
import dev.interdict.agent.kernel.Hook;
import dev.interdict.agent.kernel.Natives;
import dev.interdict.agent.kernel.Sensor;
import dev.interdict.agent.uplink.KernelFilters;
import dev.interdict.agent.uplink.RecordingSink;
import dev.interdict.bus.client.NodeLink;
import dev.interdict.bus.local.LocalServer;
import dev.interdict.bus.local.Parts;
import dev.interdict.bus.tls.Identity;
import dev.interdict.bus.tls.Role;
import dev.interdict.record.NodeId;
import dev.interdict.record.Recorder;
import dev.interdict.schema.Containment;
import dev.interdict.schema.NodeInfo;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;

/**
 * A node's agent: kernel → sensor → recorder → bus, and commands from the bus → this node's
 * containments. It ends in the reverse order of its start: nothing is recorded after the last event
 * was served, and nothing is lost that was read from the kernel.
 */
public final class Agent implements AutoCloseable {
  public static final String SOCKET = "agent";

  private final AgentConfig config;
  private final Parts parts = new Parts();
  private final Instant started = Instant.now();
  private Recorder recorder;
  private CommandExecutor commands;
  private RecordingSink sink;
  private Sensor sensor;
  private AuditWebhook audit; // null: none is asked for
  private NodeLink link;

  private Agent(AgentConfig config) {
    this.config = config;
  }

  public static Agent start(AgentConfig config) throws IOException {
    Agent agent = new Agent(config);
    try {
      agent.open();
      // The start needs more than all that follows.
      System.gc();
      Natives.releaseFreeMemory();
      return agent;
    } catch (IOException | RuntimeException e) {
      try {
        agent.close();
      } catch (IOException suppressed) {
        e.addSuppressed(suppressed);
      }
      throw e;
    }
  }

  private void open() throws IOException {
    Identity identity = config.bus().identity();
    if (identity.role() != Role.NODE) {
      throw new IOException(
          "the agent's certificate names " + identity.name() + ": its role must be node");
    }
    ScopeLock lock = ScopeLock.take(config.run(), config.scope());
    parts.push(lock::close);
    recorder = Recorder.open(config.recorder().withNode(NodeId.parse(identity.id())));
    parts.push(recorder::close);
    Evidence evidence =
        Evidence.open(config.directory().resolve("evidence"), recorder, config.scope());
    parts.push(evidence::close);
    commands =
        CommandExecutor.open(
            config.directory().resolve("commands"),
            node().toString(),
            epoch(),
            identity,
            InstantSource.system(),
            config.scope(),
            evidence);
    parts.push(commands::close);
    NodeInfo info =
        NodeInfo.newBuilder()
            .setName(config.nodeName())
            .setKernel(System.getProperty("os.version"))
            .putAllLabels(config.labels())
            .build();
    link =
        new NodeLink(config.bus(), recorder, info, commands, config.directory().resolve("fences"));
    parts.push(link::close);
    sink = new RecordingSink(recorder);
    sensor = Sensor.start(config.sensor(), sink);
    parts.push(sensor::close);
    link.tellUnseen(Hook.unseenKinds(sensor.hooks()));
    KernelFilters filters = new KernelFilters(sensor, link);
    parts.push(filters::close);
    if (config.audit() != null) {
      audit = AuditWebhook.start(config.audit(), sensor.inbox());
      parts.push(audit::close);
    }
    Guard guard = Guard.start(sensor, lock, OwnFiles.below(config.recorder().directory()));
    parts.push(guard::close);
    LocalServer local = LocalServer.start(config.directory(), SOCKET, this::answer);
    parts.push(local::close);
  }

  public NodeId node() {
    return recorder.node();
  }

  public long epoch() {
    return recorder.epoch();
  }

  public Recorder recorder() {
    return recorder;
  }

  /** Where audit events are taken; null where they are not. */
  public InetSocketAddress auditAddress() {
    return audit == null ? null : audit.address();
  }

  /** What this kernel let the sensor attach, and why not the rest. */
  public List<Hook> hooks() {
    return sensor.hooks();
  }

  /** Backplanes that know this node at present. */
  public int connections() {
    return link.connections();
  }

  /** Why this node cannot cut or freeze; null if it can. */
  public String obstacle() {
    return commands.obstacle();
  }

  public List<Containment> containments() throws IOException {
    return commands.containments();
  }

  public AgentStatus status() throws IOException {
    return new AgentStatus(
        node().toString(),
        config.nodeName(),
        epoch(),
        recorder.lastSequence(),
        started,
        link.connections(),
        sink.events(),
        sink.bytes(),
        recorder.lost(),
        sensor.isRunning(),
        sensor.hooks(),
        sensor.stats(),
        Capabilities.own(),
        commands.obstacle(),
        commands.containments());
  }

  /** Containments stay in force. */
  @Override
  public void close() throws IOException {
    parts.close();
  }

  private byte[] answer(String request) throws IOException {
    if (request.equals("status")) {
      return status().toJson().getBytes(StandardCharsets.UTF_8);
    }
    if (request.startsWith("release ")) {
      String id = request.substring("release ".length());
      if (!commands.release(id, "released by root on the node")) {
        throw new IOException("no containment " + id + " is in force on this node");
      }
      return new byte[0];
    }
    throw new IOException("unknown request `" + request + "`, known: status, release ID");
  }
}
