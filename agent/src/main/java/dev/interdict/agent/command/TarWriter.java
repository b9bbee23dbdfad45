package dev.interdict.agent.command;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Writes a tar as POSIX.1-2001 has it: ustar, with an extended header before an entry whose name,
 * link or size does not fit. A library for it would cost the agent megabytes of memory.
 */
final class TarWriter implements AutoCloseable {
  static final char FILE = '0';
  static final char SYMBOLIC_LINK = '2';
  static final char CHARACTER_DEVICE = '3';
  private static final char EXTENDED = 'x';

  private static final int BLOCK = 512;
  private static final int MAX_NAME = 100;
  private static final int MAX_LINK = 4096;
  private static final long MAX_SIZE = 077777777777L;

  /**
   * @param link of a symbolic link; empty otherwise
   * @param size of what is written after it
   * @param modified Unix seconds
   * @param device number of a device, as the kernel has it
   */
  record Entry(
      char type,
      String name,
      String link,
      long size,
      int mode,
      int uid,
      int gid,
      long modified,
      long device) {}

  private final OutputStream out;
  private long left;
  private int padding;

  TarWriter(OutputStream out) {
    this.out = out;
  }

  /** What an entry can take, its headers and padding included; a link is no longer than a path. */
  static long most(String name, long size) {
    return 5L * BLOCK + name.length() * 3L + MAX_LINK + size;
  }

  /** Its content, of exactly its size, is to be written next. */
  void begin(Entry entry) throws IOException {
    end();
    ByteArrayOutputStream extended = new ByteArrayOutputStream();
    extend(extended, "path", entry.name());
    extend(extended, "linkpath", entry.link());
    if (entry.size() > MAX_SIZE) {
      record(extended, "size", Long.toString(entry.size()));
    }
    if (extended.size() > 0) {
      header(new Entry(EXTENDED, "extended", "", extended.size(), 0600, 0, 0, 0, 0));
      extended.writeTo(out);
      left = 0;
      end();
    }
    header(entry);
  }

  private static void extend(ByteArrayOutputStream to, String key, String value)
      throws IOException {
    if (value.getBytes(StandardCharsets.UTF_8).length > MAX_NAME || !isAscii(value)) {
      record(to, key, value);
    }
  }

  private static boolean isAscii(String text) {
    return text.chars().allMatch(c -> c < 0x80);
  }

  /** Its length stands before it and counts itself. */
  private static void record(ByteArrayOutputStream to, String key, String value)
      throws IOException {
    byte[] text = (" " + key + "=" + value + "\n").getBytes(StandardCharsets.UTF_8);
    int length = text.length + 1;
    while (Integer.toString(length).length() + text.length != length) {
      length++;
    }
    to.write(Integer.toString(length).getBytes(StandardCharsets.US_ASCII));
    to.write(text);
  }

  private void header(Entry entry) throws IOException {
    byte[] block = new byte[BLOCK];
    text(block, 0, MAX_NAME, entry.name());
    octal(block, 100, 8, entry.mode());
    octal(block, 108, 8, Integer.toUnsignedLong(entry.uid()) & 07777777);
    octal(block, 116, 8, Integer.toUnsignedLong(entry.gid()) & 07777777);
    octal(block, 124, 12, Math.min(entry.size(), MAX_SIZE));
    octal(block, 136, 12, Math.max(0, Math.min(entry.modified(), MAX_SIZE)));
    block[156] = (byte) entry.type();
    text(block, 157, MAX_NAME, entry.link());
    text(block, 257, 6, "ustar");
    text(block, 263, 2, "00");
    octal(block, 329, 8, entry.device() >> 8 & 0xfff);
    octal(block, 337, 8, entry.device() & 0xff);
    // The sum of all bytes, its own field taken as blanks.
    text(block, 148, 8, "        ");
    int sum = 0;
    for (byte each : block) {
      sum += each & 0xff;
    }
    octal(block, 148, 7, sum);
    out.write(block);
    left = entry.size();
    padding = (int) (-entry.size() & BLOCK - 1);
  }

  private static void text(byte[] block, int at, int most, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    System.arraycopy(bytes, 0, block, at, Math.min(most, bytes.length));
  }

  /** Ended by a zero. */
  private static void octal(byte[] block, int at, int length, long value) {
    String digits = Long.toOctalString(value);
    text(block, at, length - 1, "0".repeat(length - 1 - digits.length()) + digits);
    block[at + length - 1] = 0;
  }

  void write(byte[] bytes, int offset, int length) throws IOException {
    if (length > left) {
      throw new IOException("more than the entry's size is written, by " + (length - left));
    }
    out.write(bytes, offset, length);
    left -= length;
  }

  private void end() throws IOException {
    if (left > 0) {
      throw new IOException("the entry lacks " + left + " bytes");
    }
    out.write(new byte[padding]);
    padding = 0;
  }

  /** Writes the mark of the end. */
  @Override
  public void close() throws IOException {
    end();
    out.write(new byte[2 * BLOCK]);
    out.close();
  }
}
