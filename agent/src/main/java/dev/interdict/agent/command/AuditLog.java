package dev.interdict.agent.command;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
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

  private final Path file;
  private FileChannel channel;

  AuditLog(Path directory) throws IOException {
    file = directory.resolve(FILE);
    channel = open();
  }

  /** Values are text, numbers or booleans; null and empty ones are left out. */
  synchronized void write(Instant time, String event, Map<String, Object> fields)
      throws IOException {
    StringBuilder line = new StringBuilder(256);
    line.append("{\"time\":\"").append(time).append("\",\"event\":");
    quote(line, event);
    for (Map.Entry<String, Object> field : fields.entrySet()) {
      Object value = field.getValue();
      if (value == null || "".equals(value)) {
        continue;
      }
      line.append(',');
      quote(line, field.getKey());
      line.append(':');
      if (value instanceof Number || value instanceof Boolean) {
        line.append(value);
      } else {
        quote(line, value.toString());
      }
    }
    ByteBuffer bytes =
        ByteBuffer.wrap(line.append("}\n").toString().getBytes(StandardCharsets.UTF_8));
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

  private static void quote(StringBuilder line, String text) {
    line.append('"');
    for (int i = 0; i < Math.min(text.length(), MAX_TEXT); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        line.append('\\').append(c);
      } else if (c < ' ' || c == '\u007f' || Character.isSurrogate(c)) {
        line.append(String.format("\\u%04x", (int) c));
      } else {
        line.append(c);
      }
    }
    line.append('"');
  }
}
