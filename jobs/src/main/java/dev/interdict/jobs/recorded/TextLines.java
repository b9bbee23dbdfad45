package dev.interdict.jobs.recorded;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;

/** A record on each line. Empty lines are passed over. */
final class TextLines extends TranslatedRecords {
  private static final int MAX_LINE_CHARACTERS = 4 << 20;

  /** IllegalArgumentException says what is wrong with the line. */
  interface Reading {
    void read(String line, Emitter out);

    /** The input has ended: what waited for more lines is whole. */
    default void end(Emitter out) {}
  }

  private final String name;
  private final Reading reading;
  private final BufferedReader reader;
  private final StringBuilder text = new StringBuilder();
  private long line;

  TextLines(String name, InputStream in, Reading reading) {
    this.name = name;
    this.reading = reading;
    this.reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8), 1 << 16);
  }

  @Override
  boolean advance() throws IOException {
    try {
      if (!readLine()) {
        reading.end(emitter);
        return false;
      }
      if (!text.toString().isBlank()) {
        emitter.record(line - 1);
        reading.read(text.toString(), emitter);
      }
      return true;
    } catch (IllegalArgumentException e) {
      throw new InvalidInputException(name, line, e.getMessage(), e);
    }
  }

  private boolean readLine() throws IOException {
    text.setLength(0);
    line++;
    int c = reader.read();
    if (c < 0) {
      return false;
    }
    for (; c >= 0 && c != '\n'; c = reader.read()) {
      if (text.length() == MAX_LINE_CHARACTERS) {
        throw new IllegalArgumentException("longer than limit=" + MAX_LINE_CHARACTERS);
      }
      if (c != '\r') {
        text.append((char) c);
      }
    }
    return true;
  }

  @Override
  public void close() throws IOException {
    reader.close();
  }
}
