package dev.interdict.storage;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/**
 * Whether a file is a whole Parquet file of a table of this archive, from its last bytes alone: the
 * footer ends in the key-value pairs, its length and the magic, so that a thousand files are
 * checked in milliseconds. What is damaged before the footer shows when it is read.
 */
final class ArchiveFile {
  private static final int MAGIC = 0x31524150; // PAR1
  private static final int TRAILER = 8; // length of the footer, magic

  /** Room for the pairs, the writer's name and the order of each column, which follow the pairs. */
  private static final int TAIL = 4096;

  private static final byte VALUE_FIELD = 0x18; // Thrift compact: the next field, a binary

  private ArchiveFile() {}

  /** Null where the file may be read, otherwise the reason why not. */
  static String fault(Path file, String table, int newest) throws IOException {
    ByteBuffer tail;
    long size;
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      size = channel.size();
      if (size < 4 + TRAILER) {
        return "truncated or not Parquet, size=" + size;
      }
      tail = ByteBuffer.allocate((int) Math.min(TAIL, size)).order(ByteOrder.LITTLE_ENDIAN);
      readFully(channel, tail, size - tail.capacity());
    }
    int end = tail.capacity();
    if (tail.getInt(end - 4) != MAGIC) {
      return "truncated or not Parquet, size=" + size;
    }
    long footer = Integer.toUnsignedLong(tail.getInt(end - TRAILER));
    if (footer > size - 4 - TRAILER) {
      return "damaged footer: length=" + footer + " size=" + size;
    }
    String found = value(tail.array(), ParquetFiles.TABLE_KEY);
    if (!table.equals(found)) {
      return found == null
          ? "a Parquet file that Interdict did not write"
          : "belongs to table " + found;
    }
    String version = value(tail.array(), ParquetFiles.SCHEMA_KEY);
    if (version == null || !version.matches("\\d{1,9}") || Integer.parseInt(version) > newest) {
      return "schema=" + version + " is not known here, newest known schema=" + newest;
    }
    return null;
  }

  private static void readFully(FileChannel channel, ByteBuffer into, long position)
      throws IOException {
    while (into.hasRemaining()) {
      if (channel.read(into, position + into.position()) < 0) {
        throw new EOFException("file became shorter while it was read");
      }
    }
  }

  /** A pair is: key length, key, field header, value length, value; lengths here fit one byte. */
  private static String value(byte[] tail, String key) {
    byte[] name = key.getBytes(StandardCharsets.UTF_8);
    for (int i = 1; i + name.length + 2 < tail.length; i++) {
      if (tail[i - 1] == name.length
          && Arrays.equals(tail, i, i + name.length, name, 0, name.length)
          && tail[i + name.length] == VALUE_FIELD) {
        int start = i + name.length + 2;
        int length = tail[start - 1];
        if (length >= 0 && start + length <= tail.length) {
          return new String(tail, start, length, StandardCharsets.UTF_8);
        }
      }
    }
    return null;
  }
}
