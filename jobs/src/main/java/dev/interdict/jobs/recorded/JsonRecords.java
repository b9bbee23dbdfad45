package dev.interdict.jobs.recorded;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;

/** JSON objects one after the other: on a line each, over several lines, or in one array. */
final class JsonRecords extends TranslatedRecords {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** IllegalArgumentException says what is wrong with the record. */
  interface Reading {
    void read(JsonNode record, Emitter out);
  }

  private final String name;
  private final Reading reading;
  private final JsonParser parser;

  JsonRecords(String name, InputStream in, Reading reading) throws IOException {
    this.name = name;
    this.reading = reading;
    this.parser = JSON.createParser(in);
  }

  @Override
  boolean advance() throws IOException {
    try {
      JsonToken token = parser.nextToken();
      if (token == null) {
        return false;
      }
      if (token == JsonToken.START_OBJECT) {
        int line = parser.currentTokenLocation().getLineNr();
        emitter.record(line - 1L);
        JsonNode record = parser.readValueAsTree();
        read(record, line);
      } else if (token != JsonToken.START_ARRAY && token != JsonToken.END_ARRAY) {
        throw problem(
            parser.currentTokenLocation().getLineNr(),
            "expected a JSON object, found " + parser.getText(),
            null);
      }
      return true;
    } catch (JsonProcessingException e) {
      long line = e.getLocation() == null ? 1 : e.getLocation().getLineNr();
      throw problem(line, "not JSON: " + e.getOriginalMessage(), e);
    }
  }

  private void read(JsonNode record, int line) throws InvalidInputException {
    try {
      reading.read(record, emitter);
    } catch (IllegalArgumentException e) {
      throw problem(line, e.getMessage(), e);
    }
  }

  private InvalidInputException problem(long line, String what, Exception cause) {
    return new InvalidInputException(name, line, what, cause);
  }

  @Override
  public void close() throws IOException {
    parser.close();
  }
}
