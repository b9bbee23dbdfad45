package dev.interdict.agent.command;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * A folder of saved state, bounded, with a list of what is in it: {@code manifest.json} has the
 * size and SHA-256 of each file, and what was left out. Nothing in it can be executed.
 */
final class StateFolder {
  static final String MANIFEST = "manifest.json";
  private static final int MAX_NOTES = 1000;
  private static final JsonFactory JSON = new JsonFactory();

  private record Entry(String name, long bytes, String sha256) {}

  private final Path folder;
  private final long maxBytes;
  private final List<Entry> entries = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private int processes;
  private long files;
  private long bytes;
  private long leftOut;

  StateFolder(Path folder, long maxBytes) {
    this.folder = folder;
    this.maxBytes = maxBytes;
  }

  /** What may still be written. */
  long room() {
    return maxBytes - bytes;
  }

  long bytes() {
    return bytes;
  }

  int processes() {
    return processes;
  }

  void processes(int value) {
    processes = value;
  }

  long files() {
    return files;
  }

  void addFiles(long more) {
    files += more;
  }

  long leftOut() {
    return leftOut;
  }

  /**
   * @param count of files or processes
   */
  void leaveOut(String what, long count) {
    leftOut += count;
    if (notes.size() < MAX_NOTES) {
      notes.add(what);
    }
  }

  void write(String name, byte[] content) throws IOException {
    if (content.length > room()) {
      leaveOut(name + ": no room for " + content.length + " bytes", 1);
      return;
    }
    stream(name, out -> out.write(content));
  }

  /** To its end, or as far as there is room; nothing of what is gone. */
  void copy(Path from, String name) throws IOException {
    InputStream in;
    try {
      in = Files.newInputStream(from);
    } catch (IOException gone) {
      leaveOut(from + ": " + gone.getMessage(), 1);
      return;
    }
    try (in) {
      stream(name, out -> copy(in, out, from));
    }
  }

  private void copy(InputStream in, OutputStream out, Path from) throws IOException {
    byte[] buffer = new byte[1 << 16];
    long left = room();
    for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
      if (n > left) {
        leaveOut("the rest of " + from + ": no room", 1);
        return;
      }
      out.write(buffer, 0, n);
      left -= n;
    }
  }

  @FunctionalInterface
  interface Content {
    void writeTo(OutputStream out) throws IOException;
  }

  /** The content keeps to {@link #room}. */
  void stream(String name, Content content) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    MessageDigest digest = sha256();
    try (OutputStream to =
        new DigestOutputStream(
            Files.newOutputStream(
                Files.createFile(
                    file,
                    PosixFilePermissions.asFileAttribute(
                        PosixFilePermissions.fromString("rw-------"))),
                StandardOpenOption.WRITE),
            digest)) {
      content.writeTo(to);
    }
    long size = Files.size(file);
    bytes += size;
    entries.add(new Entry(name, size, HexFormat.of().formatHex(digest.digest())));
  }

  /** The last that is written. */
  void finish() throws IOException {
    Files.createDirectories(folder);
    try (OutputStream out = Files.newOutputStream(folder.resolve(MANIFEST));
        JsonGenerator json = JSON.createGenerator(out).useDefaultPrettyPrinter()) {
      json.writeStartObject();
      json.writeNumberField("processes", processes);
      json.writeNumberField("changed_files", files);
      json.writeNumberField("bytes", bytes);
      json.writeArrayFieldStart("saved");
      for (Entry entry : entries) {
        json.writeStartObject();
        json.writeStringField("name", entry.name());
        json.writeNumberField("bytes", entry.bytes());
        json.writeStringField("sha256", entry.sha256());
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeNumberField("left_out_files", leftOut);
      json.writeArrayFieldStart("left_out");
      for (String note : notes) {
        json.writeString(note);
      }
      json.writeEndArray();
      json.writeEndObject();
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
