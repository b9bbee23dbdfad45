package dev.interdict.agent;

import dev.interdict.agent.audit.AuditWebhookConfig;
import dev.interdict.agent.command.CgroupScope;
import dev.interdict.agent.kernel.SensorConfig;
import dev.interdict.bus.client.BusConfig;
import dev.interdict.record.RecorderConfig;
import java.nio.file.Path;
import java.util.Map;

/**
 * What one agent is and where it keeps its things.
 *
 * @param directory the agent's own: recorder, journal of commands, audit log, local socket
 * @param nodeName for people; the node's id stands in its certificate
 * @param labels for whoever selects nodes
 * @param bus where the backplanes are; its identity is the node's
 * @param recorder its node is the certificate's, whatever is set here
 * @param scope the cgroups that commands may touch on this node; no two agents' may overlap
 * @param run where the agents of this host know each other by
 * @param audit where the Kubernetes API server may send its audit events; null: nowhere
 */
public record AgentConfig(
    Path directory,
    String nodeName,
    Map<String, String> labels,
    BusConfig bus,
    SensorConfig sensor,
    RecorderConfig recorder,
    CgroupScope scope,
    Path run,
    AuditWebhookConfig audit) {
  public static final Path RUN = Path.of("/run/interdict/agents");

  public AgentConfig {
    labels = Map.copyOf(labels);
    if (nodeName.isBlank() || nodeName.length() > 253) {
      throw new IllegalArgumentException(
          "invalid nodeName=" + nodeName + " expected 1 to 253 characters");
    }
  }

  public static AgentConfig of(Path directory, String nodeName, BusConfig bus) {
    return new AgentConfig(
        directory,
        nodeName,
        Map.of(),
        bus,
        SensorConfig.defaults(),
        RecorderConfig.of(directory.resolve("recorder")),
        CgroupScope.HOST,
        RUN,
        null);
  }

  public AgentConfig withSensor(SensorConfig value) {
    return new AgentConfig(directory, nodeName, labels, bus, value, recorder, scope, run, audit);
  }

  public AgentConfig withRecorder(RecorderConfig value) {
    return new AgentConfig(directory, nodeName, labels, bus, sensor, value, scope, run, audit);
  }

  public AgentConfig withLabels(Map<String, String> value) {
    return new AgentConfig(directory, nodeName, value, bus, sensor, recorder, scope, run, audit);
  }

  public AgentConfig withScope(CgroupScope value) {
    return new AgentConfig(directory, nodeName, labels, bus, sensor, recorder, value, run, audit);
  }

  public AgentConfig withRun(Path value) {
    return new AgentConfig(directory, nodeName, labels, bus, sensor, recorder, scope, value, audit);
  }

  public AgentConfig withAudit(AuditWebhookConfig value) {
    return new AgentConfig(directory, nodeName, labels, bus, sensor, recorder, scope, run, value);
  }
}
