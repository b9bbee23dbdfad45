package dev.interdict.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.interdict.jobs.recorded.RecordedEvents;
import dev.interdict.schema.Alert;
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
}
