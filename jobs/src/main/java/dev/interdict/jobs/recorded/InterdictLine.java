package dev.interdict.jobs.recorded;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.interdict.jobs.source.NodeEvent;
import dev.interdict.record.NodeId;
import dev.interdict.schema.Event;
import dev.interdict.schema.EventJson;
import dev.interdict.schema.Kind;

/** An event by our own field names, with the address that a recorder gave it or without. */
final class InterdictLine implements TextLines.Reading {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Override
  public void read(String line, Emitter out) {
    ObjectNode record = parse(line);
    JsonNode seq = record.remove("seq");
    if (seq != null && !seq.isIntegralNumber()) {
      throw new IllegalArgumentException("invalid seq=" + seq + ": expected a whole number");
    }
    if (seq != null) {
      out.seq(seq.longValue());
    }
    String node = record.path("node").asText();
    if (!record.has("kind") && record.has("gap")) {
      out.addGap(node, record.path("time").longValue(), record.path("gap").path("count").asLong());
      return;
    }
    Event event = EventJson.fromJson(seq == null ? line : record.toString());
    if (event.getKind() == Kind.GAP) {
      out.gap();
    }
    if (seq == null && record.path("sequence").isIntegralNumber()) {
      out.add(
          new NodeEvent(
              node.isEmpty() ? out.node("") : NodeId.parse(node),
              Math.max(1, record.path("epoch").longValue()),
              record.get("sequence").longValue(),
              event.getTime(),
              event.getKindValue(),
              event.toByteArray()));
    } else {
      out.add(node, event.getTime(), event.toBuilder());
    }
  }

  private static ObjectNode parse(String line) {
    try {
      if (JSON.readTree(line) instanceof ObjectNode object) {
        return object;
      }
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not JSON: " + e.getOriginalMessage(), e);
    }
    throw new IllegalArgumentException("expected a JSON object");
  }
}
