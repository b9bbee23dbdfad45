package dev.interdict.response;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.interdict.schema.StandingOrders.Disarmed;
import java.io.IOException;
import java.io.StringWriter;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What people have laid down, for a person.
 *
 * @param stopped why nothing is acted upon; null where it is
 * @param disarmed reasons by rule
 */
public record StandingSummary(String stopped, Map<String, String> disarmed) {
  private static final JsonFactory JSON = new JsonFactory();

  static StandingSummary of(Standing standing) {
    Map<String, String> disarmed = new LinkedHashMap<>();
    for (Disarmed each : standing.orders().getDisarmedList()) {
      disarmed.put(each.getRule(), each.getReason());
    }
    return new StandingSummary(standing.whyStopped(), disarmed);
  }

  public String toJson() throws IOException {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      json.writeStartObject();
      if (stopped != null) {
        json.writeStringField("stopped", stopped);
      }
      json.writeObjectFieldStart("disarmed");
      for (Map.Entry<String, String> each : disarmed.entrySet()) {
        json.writeStringField(each.getKey(), each.getValue());
      }
      json.writeEndObject();
      json.writeEndObject();
    }
    return text.toString();
  }

  public static StandingSummary parse(String line) throws IOException {
    String stopped = null;
    Map<String, String> disarmed = new LinkedHashMap<>();
    int depth = 0;
    try (JsonParser json = JSON.createParser(line)) {
      for (JsonToken token = json.nextToken(); token != null; token = json.nextToken()) {
        if (token == JsonToken.START_OBJECT) {
          depth++;
        } else if (token == JsonToken.END_OBJECT) {
          depth--;
        } else if (token.isScalarValue() && depth == 1) {
          stopped = json.getText();
        } else if (token.isScalarValue()) {
          disarmed.put(json.currentName(), json.getText());
        }
      }
    }
    return new StandingSummary(stopped, disarmed);
  }
}
