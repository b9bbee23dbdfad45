package dev.interdict.schema;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * An event as one line of JSON: its fields by their dotted names, {@code process.exe} as {@code
 * {"process":{"exe":…}}}. What no Field names is not in it. Numbers are signed 64-bit integers.
 */
public final class EventJson {
  private static final JsonFactory JSON = new JsonFactory();

  /** What a recorder's listing adds to the event. */
  private static final Set<String> ADDRESS = Set.of("node", "epoch", "sequence");

  private EventJson() {}

  /** One line without the line feed. */
  public static String toJson(EventView event) {
    StringWriter text = new StringWriter(512);
    try (JsonGenerator json = JSON.createGenerator(text)) {
      json.writeStartObject();
      String open = "";
      for (Field field : Field.values()) {
        if (event.has(field)) {
          int dot = field.dotted().indexOf('.');
          String group = dot < 0 ? "" : field.dotted().substring(0, dot);
          if (!group.equals(open)) {
            if (!open.isEmpty()) {
              json.writeEndObject();
            }
            if (!group.isEmpty()) {
              json.writeObjectFieldStart(group);
            }
            open = group;
          }
          json.writeFieldName(field.dotted().substring(dot + 1));
          writeValue(json, event, field);
        }
      }
      if (!open.isEmpty()) {
        json.writeEndObject();
      }
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // a StringWriter has none
    }
    return text.toString();
  }

  /** IllegalArgumentException names what is wrong with the line. */
  public static Event fromJson(String line) {
    EventAssembler event = new EventAssembler();
    try (JsonParser json = JSON.createParser(line)) {
      expect(json, json.nextToken(), JsonToken.START_OBJECT, "event");
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String name = json.currentName();
        JsonToken value = json.nextToken();
        if (ADDRESS.contains(name)) {
          json.skipChildren();
        } else if (value == JsonToken.START_OBJECT) {
          while (json.nextToken() == JsonToken.FIELD_NAME) {
            String dotted = name + "." + json.currentName();
            json.nextToken();
            readValue(json, dotted, event);
          }
        } else {
          readValue(json, name, event);
        }
      }
      if (json.nextToken() != null) {
        throw new IllegalArgumentException("text after the event: " + json.getText());
      }
    } catch (IOException e) {
      throw new IllegalArgumentException("not a line of JSON: " + e.getMessage(), e);
    }
    return event.build();
  }

  private static void writeValue(JsonGenerator json, EventView event, Field field)
      throws IOException {
    switch (field.type()) {
      case BOOL -> json.writeBoolean(event.flag(field));
      case LONG -> json.writeNumber(event.number(field));
      case STRING -> json.writeString(event.string(field));
      case LONGS -> {
        long[] longs = event.longs(field);
        json.writeArray(longs, 0, longs.length);
      }
      case STRINGS -> {
        json.writeStartArray();
        for (String string : event.strings(field)) {
          json.writeString(string);
        }
        json.writeEndArray();
      }
    }
  }

  private static void readValue(JsonParser json, String dotted, EventAssembler event)
      throws IOException {
    Field field = Field.byName(dotted);
    if (field == null) {
      throw new IllegalArgumentException("unknown field=" + dotted);
    }
    JsonToken token = json.currentToken();
    switch (field.type()) {
      case BOOL -> {
        if (!token.isBoolean()) {
          throw wrongType(json, dotted, "boolean");
        }
        event.set(field, json.getBooleanValue() ? 1 : 0);
      }
      case LONG -> {
        expect(json, token, JsonToken.VALUE_NUMBER_INT, dotted);
        event.set(field, json.getLongValue());
      }
      case STRING -> {
        expect(json, token, JsonToken.VALUE_STRING, dotted);
        event.set(field, json.getText());
      }
      case LONGS -> {
        expect(json, token, JsonToken.START_ARRAY, dotted);
        List<Long> longs = new ArrayList<>();
        while (json.nextToken() != JsonToken.END_ARRAY) {
          expect(json, json.currentToken(), JsonToken.VALUE_NUMBER_INT, dotted);
          longs.add(json.getLongValue());
        }
        event.setLongs(field, longs);
      }
      case STRINGS -> {
        expect(json, token, JsonToken.START_ARRAY, dotted);
        List<String> strings = new ArrayList<>();
        while (json.nextToken() != JsonToken.END_ARRAY) {
          expect(json, json.currentToken(), JsonToken.VALUE_STRING, dotted);
          strings.add(json.getText());
        }
        event.setStrings(field, strings);
      }
    }
  }

  private static void expect(JsonParser json, JsonToken found, JsonToken wanted, String name)
      throws IOException {
    if (found != wanted) {
      throw wrongType(json, name, wanted.toString());
    }
  }

  private static IllegalArgumentException wrongType(JsonParser json, String name, String wanted)
      throws IOException {
    return new IllegalArgumentException(
        "invalid value of field=" + name + " value=" + json.getText() + " expected=" + wanted);
  }
}
