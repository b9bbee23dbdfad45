package dev.interdict.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.interdict.jobs.recorded.RecordedEvents;
import dev.interdict.schema.Alert;
import dev.interdict.schema.Container;
import dev.interdict.schema.Entity;
import dev.interdict.schema.Evidence;
import dev.interdict.schema.Position;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Locale;

/** An alert of a recording as a line, for a person or for a program. */
final class AlertLine {
  private AlertLine() {}

  static String text(Alert alert) {
    StringBuilder line =
        new StringBuilder(EventLine.time(alert.getTime()))
            .append(' ')
            .append(level(alert))
            .append(' ')
            .append(PrintableText.of(alert.getMessage()));
    if (alert.getTechniquesCount() > 0) {
      line.append(' ').append(alert.getTechniquesList());
    }
    if (!alert.getSuppressedBy().isEmpty()) {
      line.append(" suppressed: ").append(PrintableText.of(alert.getSuppressedReason()));
    }
    for (Evidence evidence : alert.getEvidenceList()) {
      Position at = evidence.getPosition();
      line.append(at.getEpoch() == RecordedEvents.LINE_EPOCH ? " line=" : " seq=")
          .append(at.getSequence());
    }
    return line.toString();
  }

  private static String level(Alert alert) {
    return alert.getLevel().name().toLowerCase(Locale.ROOT);
  }

  /** One object, without the line feed. */
  static String json(Alert alert) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
      json.writeStartObject();
      json.writeStringField("id", alert.getId());
      json.writeStringField("time", EventLine.time(alert.getTime()));
      json.writeStringField("rule_id", alert.getRuleId());
      json.writeStringField("rule_title", alert.getRuleTitle());
      json.writeStringField("level", level(alert));
      json.writeArrayFieldStart("attack");
      for (String technique : alert.getTechniquesList()) {
        json.writeString(technique);
      }
      json.writeEndArray();
      json.writeStringField("key", alert.getKey());
      json.writeStringField("author", alert.getRuleAuthor());
      json.writeStringField("message", alert.getMessage());
      entity(json, alert.getEntity());
      if (!alert.getResponse().isEmpty()) {
        json.writeStringField("response", alert.getResponse());
      }
      if (!alert.getSuppressedBy().isEmpty()) {
        json.writeStringField("suppressed_by", alert.getSuppressedBy());
        json.writeStringField("suppressed_reason", alert.getSuppressedReason());
      }
      json.writeArrayFieldStart("evidence");
      for (Evidence evidence : alert.getEvidenceList()) {
        Position at = evidence.getPosition();
        json.writeStartObject();
        json.writeNumberField(
            at.getEpoch() == RecordedEvents.LINE_EPOCH ? "line" : "seq", at.getSequence());
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // a StringWriter has none
    }
    return text.toString();
  }

  /** By the names of the alerts table. */
  private static void entity(JsonGenerator json, Entity entity) throws IOException {
    Container container = entity.getContainer();
    text(json, "entity_node", entity.getNode());
    text(json, "entity_exe", entity.getExe());
    text(json, "entity_cgroup", entity.getCgroup());
    text(json, "container_id", container.getId());
    text(json, "container_name", container.getName());
    text(json, "container_image", container.getImage());
    text(json, "container_pod", container.getPod());
    text(json, "container_namespace", container.getNamespace());
    text(json, "container_runtime", container.getRuntime());
  }

  private static void text(JsonGenerator json, String name, String value) throws IOException {
    if (!value.isEmpty()) {
      json.writeStringField(name, value);
    }
  }
}
