package dev.interdict.agent.command;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Map;

/**
 * What was asked of this node and what it did: one JSON object per line, on the disk before the
 * caller goes on. Two files of at most {@value #MAX_BYTES} bytes. Any thread.
 */
final class AuditLog implements AutoCloseable {
  static final String FILE = "audit.jsonl";
  private static final long MAX_BYTES = 64 << 20;
  private static final int MAX_TEXT = 2048;
  private static final JsonFactory JSON = new JsonFactory();

  private final Path file;
  private FileChannel channel;

  AuditLog(Path directory) throws IOException {
    file = directory.resolve(FILE);
    channel = open();
  }

  /** Booleans stay what they are, everything else is text; null and empty values are left out. */
  synchronized void write(Instant time, String event, Map<String, Object> fields)
      throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream(512);
    try (JsonGenerator json = JSON.createGenerator(line)) {
      json.writeStartObject();
      json.writeStringField("time", time.toString());
      json.writeStringField("event", event);
      for (Map.Entry<String, Object> field : fields.entrySet()) {
        Object value = field.getValue();
        if (value == null || "".equals(value)) {
          continue;
        }
        json.writeFieldName(field.getKey());
        if (value instanceof Boolean flag) {
          json.writeBoolean(flag);
        } else {
          String text = value.toString();
          json.writeString(text.length() > MAX_TEXT ? text.substring(0, MAX_TEXT) : text);
        }
      }
      json.writeEndObject();
    }
    line.write('\n');
    ByteBuffer bytes = ByteBuffer.wrap(line.toByteArray());
    if (channel.size() + bytes.remaining() > MAX_BYTES) {
      channel.close();
      Files.move(file, file.resolveSibling(FILE + ".1"), StandardCopyOption.REPLACE_EXISTING);
      channel = open();
    }
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
    channel.force(false);
  }

  @Override
  public synchronized void close() throws IOException {
    channel.close();
  }

  private FileChannel open() throws IOException {
    return FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }
}
