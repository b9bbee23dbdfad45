package dev.interdict.agent.enrich;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A JSON value as maps, lists, texts, longs and flags, for files that others have written. */
public final class JsonTree {
  private static final JsonFactory JSON = new JsonFactory();

  private JsonTree() {}

  /**
   * @throws IOException also if the file is larger than the limit or no JSON object
   */
  static Map<String, Object> readObject(Path file, int limit) throws IOException {
    if (readFile(file, limit) instanceof Map<?, ?> object) {
      return object(object);
    }
    throw new IOException("not a JSON object: " + file);
  }

  static List<?> readList(Path file, int limit) throws IOException {
    if (readFile(file, limit) instanceof List<?> list) {
      return list;
    }
    throw new IOException("not a JSON array: " + file);
  }

  private static Object readFile(Path file, int limit) throws IOException {
    long size = Files.size(file);
    if (size > limit) {
      throw new IOException("invalid size=" + size + " limit=" + limit + " file=" + file);
    }
    try (JsonParser json = JSON.createParser(Files.readAllBytes(file))) {
      json.nextToken();
      return read(json);
    }
  }

  /** The value that begins at the parser's token. The parser bounds the depth. */
  public static Object read(JsonParser json) throws IOException {
    JsonToken token = json.currentToken();
    if (token == null) {
      throw new IOException("the JSON ends too early");
    }
    switch (token) {
      case START_OBJECT -> {
        Map<String, Object> object = new LinkedHashMap<>();
        while (json.nextToken() == JsonToken.FIELD_NAME) {
          String name = json.currentName();
          json.nextToken();
          object.put(name, read(json));
        }
        return object;
      }
      case START_ARRAY -> {
        List<Object> list = new ArrayList<>();
        while (json.nextToken() != JsonToken.END_ARRAY) {
          list.add(read(json));
        }
        return list;
      }
      case VALUE_NUMBER_INT -> {
        return json.getNumberType() == JsonParser.NumberType.BIG_INTEGER
            ? json.getText()
            : (Object) json.getLongValue();
      }
      case VALUE_TRUE, VALUE_FALSE -> {
        return json.getBooleanValue();
      }
      case VALUE_NULL -> {
        return null;
      }
      default -> {
        return json.getText();
      }
    }
  }

  /** Empty where the value is no object. */
  @SuppressWarnings("unchecked") // every object here was made above
  public static Map<String, Object> object(Object value) {
    return value instanceof Map<?, ?> ? (Map<String, Object>) value : Map.of();
  }

  /** The object below these names; empty where there is none. */
  public static Map<String, Object> object(Map<String, Object> top, String... names) {
    Map<String, Object> at = top;
    for (String name : names) {
      at = object(at.get(name));
    }
    return at;
  }

  public static List<?> list(Map<String, Object> object, String name) {
    return object.get(name) instanceof List<?> list ? list : List.of();
  }

  /** Null where there is none. */
  public static String text(Map<String, Object> object, String name) {
    return object.get(name) instanceof String text ? text : null;
  }
}
