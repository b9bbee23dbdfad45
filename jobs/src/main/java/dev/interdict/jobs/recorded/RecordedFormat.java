package dev.interdict.jobs.recorded;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;

/** What recordings look like. */
public enum RecordedFormat {
  /** Told from the first record. */
  AUTO,
  /** Our own JSON lines, as {@code recorder export} and {@code agent trace --json} write them. */
  INTERDICT,
  /** JSON with the field names of Sigma's logsources. */
  SIGMA,
  /** The audit daemon's log, or JSON around it (AUOMS); also Sysmon's XML, as it lies in syslog. */
  AUDITD,
  /** Tetragon's JSON. */
  TETRAGON;

  private static final int PEEK_BYTES = 1 << 16;
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * @param path a file, or a recorder's directory
   */
  public RecordedEvents open(Path path) throws IOException {
    if (Files.isDirectory(path)) {
      return new SegmentEvents(path);
    }
    return open(path.toString(), Files.newInputStream(path));
  }

  /**
   * @param name of the input in error messages
   * @param in closed with the events
   */
  public RecordedEvents open(String name, InputStream in) throws IOException {
    BufferedInputStream buffered = new BufferedInputStream(in, PEEK_BYTES);
    return switch (this == AUTO ? detect(name, buffered) : this) {
      case AUTO -> new JsonRecords(name, buffered, (record, out) -> {}); // an empty input
      case INTERDICT -> new TextLines(name, buffered, new InterdictLine());
      case SIGMA -> new JsonRecords(name, buffered, new SigmaRecord());
      case AUDITD -> new TextLines(name, buffered, new AuditdLine());
      case TETRAGON -> new JsonRecords(name, buffered, new TetragonRecord());
    };
  }

  private static RecordedFormat detect(String name, BufferedInputStream in) throws IOException {
    in.mark(PEEK_BYTES);
    byte[] head = in.readNBytes(PEEK_BYTES);
    in.reset();
    int first = 0;
    while (first < head.length && Character.isWhitespace(head[first])) {
      first++;
    }
    if (first == head.length) {
      return AUTO;
    }
    if (head[first] == '{' || head[first] == '[') {
      return detectJson(head);
    }
    String text = new String(head, StandardCharsets.UTF_8);
    if (text.contains("audit(") || text.contains("<Event>")) {
      return AUDITD;
    }
    throw new InvalidInputException(
        name, 1, "neither JSON nor audit records: state the --format", null);
  }

  private static RecordedFormat detectJson(byte[] head) {
    try (JsonParser parser = JSON.createParser(head)) {
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (token == JsonToken.START_OBJECT) {
          RecordedFormat format = detect(parser.<JsonNode>readValueAsTree());
          if (format != AUTO) {
            return format;
          }
        }
      }
    } catch (IOException e) {
      // Cut in the middle of a record, or no JSON: whoever reads it will say where.
      return SIGMA;
    }
    return SIGMA;
  }

  private static RecordedFormat detect(JsonNode record) {
    if (record.size() == 1 && record.has("gap")) {
      return AUTO;
    }
    if (AuditdLine.text(record) != null) {
      return AUDITD;
    }
    if (record.path("kind").isTextual() && record.path("time").isIntegralNumber()) {
      return INTERDICT;
    }
    for (Iterator<String> names = record.fieldNames(); names.hasNext(); ) {
      String field = names.next();
      if (field.startsWith("process_") && record.get(field).path("process").isObject()) {
        return TETRAGON;
      }
    }
    return SIGMA;
  }
}
