package dev.interdict.jobs.recorded;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/** A line of the audit log, bare or in the message of a JSON record; or of Sysmon, as well. */
final class AuditdLine implements TextLines.Reading {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String[] MESSAGES = {"SyslogMessage", "message", "MESSAGE", "log", "msg"};

  private final AuditdRecords audit = new AuditdRecords();
  private final SigmaRecord sysmon = new SigmaRecord();

  /** The line that a record of a log collector carries; null where it carries none of this kind. */
  static String text(JsonNode record) {
    for (String name : MESSAGES) {
      String text = record.path(name).asText();
      if (text.contains("audit(") || SysmonXml.isIn(text)) {
        return text;
      }
    }
    return null;
  }

  @Override
  public void read(String line, Emitter out) {
    String text = line.strip();
    String host = "";
    if (text.startsWith("{")) {
      JsonNode record = parse(text);
      if (record.path("seq").isIntegralNumber()) {
        out.seq(record.get("seq").longValue());
      }
      host = JsonValues.text(record, "Computer", "HostName", "host", "hostname");
      if (record.hasNonNull("gap")) {
        out.addGap(host, 0, record.path("gap").path("count").asLong());
        return;
      }
      text = text(record);
      if (text == null) {
        out.ignore();
        return;
      }
    }
    if (SysmonXml.isIn(text)) {
      sysmon.read(SysmonXml.record(text), out);
    } else {
      audit.line(text, host, out);
    }
  }

  private static JsonNode parse(String line) {
    try {
      return JSON.readTree(line);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not JSON: " + e.getOriginalMessage(), e);
    }
  }

  @Override
  public void end(Emitter out) {
    audit.end(out);
  }
}
