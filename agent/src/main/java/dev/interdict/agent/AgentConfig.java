package dev.interdict.agent;

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
 * @param containable if given, only cgroups whose own name begins so may be contained on this node
 */
public record AgentConfig(
    Path directory,
    String nodeName,
    Map<String, String> labels,
    BusConfig bus,
    SensorConfig sensor,
    RecorderConfig recorder,
    String containable) {

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
        null);
  }

  public AgentConfig withSensor(SensorConfig value) {
    return new AgentConfig(directory, nodeName, labels, bus, value, recorder, containable);
  }

  public AgentConfig withRecorder(RecorderConfig value) {
    return new AgentConfig(directory, nodeName, labels, bus, sensor, value, containable);
  }

  public AgentConfig withLabels(Map<String, String> value) {
    return new AgentConfig(directory, nodeName, value, bus, sensor, recorder, containable);
  }

  public AgentConfig withContainable(String value) {
    return new AgentConfig(directory, nodeName, labels, bus, sensor, recorder, value);
  }
}
