package dev.interdict.agent;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.interdict.agent.kernel.Capabilities;
import dev.interdict.agent.kernel.Hook;
import dev.interdict.agent.kernel.SensorStats;
import dev.interdict.schema.Containment;
import java.io.IOException;
import java.io.StringWriter;
import java.time.Instant;
import java.util.List;

/**
 * The agent at one moment; counters start with it.
 *
 * @param events handed to the recorder since the start
 * @param bytes of those events, encoded and not compressed
 * @param unwritten events that the disk did not take
 * @param obstacle why this node cannot cut or freeze; null if it can
 * @param containments as the kernel confirms them now
 */
public record AgentStatus(
    String node,
    String name,
    long epoch,
    long lastSequence,
    Instant started,
    int connections,
    long events,
    long bytes,
    long unwritten,
    boolean capturing,
    List<Hook> hooks,
    SensorStats sensor,
    Capabilities capabilities,
    String obstacle,
    List<Containment> containments) {
  private static final JsonFactory JSON = new JsonFactory();

  String toJson() throws IOException {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      json.writeStartObject();
      json.writeStringField("node", node);
      json.writeStringField("name", name);
      json.writeNumberField("epoch", epoch);
      json.writeNumberField("last_sequence", lastSequence);
      json.writeStringField("started", started.toString());
      json.writeNumberField("connections", connections);
      json.writeBooleanField("capturing", capturing);
      json.writeNumberField("events", events);
      json.writeNumberField("event_bytes", bytes);
      json.writeNumberField("unwritten", unwritten);
      json.writeNumberField("wakeups", sensor.wakeups());
      json.writeNumberField("undecodable", sensor.undecodable());
      json.writeNumberField("processes", sensor.processes());
      json.writeArrayFieldStart("kinds");
      for (SensorStats.PerKind kind : sensor.kinds()) {
        json.writeStartObject();
        json.writeStringField("kind", kind.kind());
        json.writeNumberField("seen", kind.seen());
        json.writeNumberField("filtered", kind.filtered());
        json.writeNumberField("deduplicated", kind.deduplicated());
        json.writeNumberField("capped", kind.capped());
        json.writeNumberField("recorded", kind.recorded());
        json.writeNumberField("lost", kind.lost());
        json.writeNumberField("summaries", kind.summaries());
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeArrayFieldStart("hooks");
      for (Hook hook : hooks) {
        json.writeStartObject();
        json.writeStringField("kind", hook.kind());
        json.writeStringField("hook", hook.hook());
        json.writeBooleanField("attached", hook.state() == Hook.State.ATTACHED);
        if (hook.reason() != null) {
          json.writeStringField("reason", hook.reason());
        }
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeArrayFieldStart("missing_capabilities");
      for (Capabilities.Capability missing : capabilities.missing()) {
        json.writeString(missing.name());
      }
      json.writeEndArray();
      json.writeBooleanField("can_contain", obstacle == null);
      if (obstacle != null) {
        json.writeStringField("obstacle", obstacle);
      }
      json.writeArrayFieldStart("containments");
      for (Containment containment : containments) {
        json.writeStartObject();
        json.writeStringField("id", containment.getId());
        json.writeStringField("cgroup", containment.getCgroup());
        json.writeBooleanField("cut", containment.getCut());
        json.writeBooleanField("frozen", containment.getFrozen());
        json.writeStringField("until", Instant.ofEpochSecond(0, containment.getUntil()).toString());
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeEndObject();
    }
    return text.toString();
  }
}
