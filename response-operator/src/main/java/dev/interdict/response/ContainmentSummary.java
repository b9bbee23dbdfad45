package dev.interdict.response;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.StringWriter;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/**
 * A containment in one line, for people and scripts.
 *
 * @param steps what was done after the containment, and what came of it
 * @param time of the kernel's event that completed the alert
 * @param until when the node ends it, or an approval can no longer be given; else null
 * @param containMillis from that event to the node's confirmation; -1 if there was none
 */
public record ContainmentSummary(
    String id,
    ContainmentState state,
    String reason,
    String alertId,
    String rule,
    String policy,
    String node,
    String cgroup,
    String container,
    String image,
    String pod,
    String namespace,
    boolean cut,
    boolean freeze,
    String steps,
    Instant time,
    Instant until,
    double containMillis) {
  private static final JsonFactory JSON = new JsonFactory();

  public static ContainmentSummary of(ContainmentRecord record) {
    long nanos = record.containNanos();
    return new ContainmentSummary(
        record.id(),
        record.state(),
        record.reason(),
        record.alertId(),
        record.rule(),
        record.policy(),
        record.node(),
        record.cgroup(),
        record.container(),
        record.alert().getEntity().getContainer().getImage(),
        record.alert().getEntity().getContainer().getPod(),
        record.alert().getEntity().getContainer().getNamespace(),
        record.cut(),
        record.freeze(),
        Steps.text(record.steps()),
        Instant.ofEpochSecond(0, record.times().kernel()),
        until(record),
        nanos < 0 ? -1 : nanos / 1e6);
  }

  private static Instant until(ContainmentRecord record) {
    return switch (record.state()) {
      case IN_FORCE -> Instant.ofEpochSecond(0, record.times().until());
      case WAITING -> Instant.ofEpochSecond(0, record.approval().before());
      default -> null;
    };
  }

  public String toJson() throws IOException {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      json.writeStartObject();
      json.writeStringField("id", id);
      json.writeStringField("state", state.name());
      json.writeStringField("reason", reason);
      json.writeStringField("alert", alertId);
      json.writeStringField("rule", rule);
      json.writeStringField("policy", policy);
      json.writeStringField("node", node);
      json.writeStringField("cgroup", cgroup);
      json.writeStringField("container", container);
      json.writeStringField("image", image);
      json.writeStringField("pod", pod);
      json.writeStringField("namespace", namespace);
      json.writeBooleanField("cut", cut);
      json.writeBooleanField("freeze", freeze);
      if (!steps.isEmpty()) {
        json.writeStringField("steps", steps);
      }
      json.writeStringField("time", time.toString());
      if (until != null) {
        json.writeStringField("until", until.toString());
      }
      if (containMillis >= 0) {
        json.writeNumberField("contain_ms", containMillis);
      }
      json.writeEndObject();
    }
    return text.toString();
  }

  public static ContainmentSummary parse(String line) throws IOException {
    Map<String, String> fields = new HashMap<>();
    try (JsonParser json = JSON.createParser(line)) {
      for (JsonToken token = json.nextToken(); token != null; token = json.nextToken()) {
        if (token.isScalarValue()) {
          fields.put(json.currentName(), json.getText());
        }
      }
    }
    String until = fields.get("until");
    return new ContainmentSummary(
        fields.get("id"),
        ContainmentState.valueOf(fields.get("state")),
        fields.get("reason"),
        fields.get("alert"),
        fields.get("rule"),
        fields.get("policy"),
        fields.get("node"),
        fields.get("cgroup"),
        fields.get("container"),
        fields.get("image"),
        fields.get("pod"),
        fields.get("namespace"),
        Boolean.parseBoolean(fields.get("cut")),
        Boolean.parseBoolean(fields.get("freeze")),
        fields.getOrDefault("steps", ""),
        Instant.parse(fields.get("time")),
        until == null ? null : Instant.parse(until),
        Double.parseDouble(fields.getOrDefault("contain_ms", "-1")));
  }
}
