package dev.interdict.jobs.rules;

import dev.interdict.cep.RuleFile;
import dev.interdict.cep.RuleSet;
import dev.interdict.schema.Kind;
import dev.interdict.schema.Kinds;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;

/**
 * A valid rule set on its way from the coordinator to the tasks: its hash, the kinds of events that
 * it asks for, and its files, compressed.
 *
 * <p>{@code packed}: 16 bytes of hash, u64 kinds, then deflated u32 count and for each file u32
 * length and text of name and content.
 */
public final class RuleBundle implements Serializable {
  private static final long serialVersionUID = 1;

  /** Of the packed form; the coordinator's messages and a checkpoint carry it. */
  public static final int MAX_BYTES = 8 << 20;

  private static final int MAX_FILES = 1 << 17;
  private static final int MAX_TEXT_BYTES = 64 << 20;
  private static final int HASH_BYTES = 16;
  private static final int HEADER_BYTES = HASH_BYTES + Long.BYTES;

  private final byte[] packed;

  private RuleBundle(byte[] packed) {
    this.packed = packed;
  }

  /**
   * @throws IOException if the set is larger than one message may be
   */
  public static RuleBundle of(RuleSet rules) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream header = new DataOutputStream(bytes);
    header.write(HexFormat.of().parseHex(rules.hash()));
    header.writeLong(rules.kinds());
    try (DataOutputStream out = new DataOutputStream(new DeflaterOutputStream(bytes))) {
      out.writeInt(rules.files().size());
      for (RuleFile file : rules.files()) {
        write(file.name(), out);
        write(file.text(), out);
      }
    }
    if (bytes.size() > MAX_BYTES) {
      throw new IOException(
          "rule set too large: " + bytes.size() + " bytes compressed, limit=" + MAX_BYTES);
    }
    return new RuleBundle(bytes.toByteArray());
  }

  private static void write(String text, DataOutputStream out) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  /** Keeps the array. */
  public static RuleBundle packed(byte[] packed) {
    if (packed.length < HEADER_BYTES || packed.length > MAX_BYTES) {
      throw new IllegalArgumentException(
          "invalid rule set length=" + packed.length + " limit=" + MAX_BYTES);
    }
    return new RuleBundle(packed);
  }

  /** To be read only. */
  public byte[] packed() {
    return packed;
  }

  /** As {@link RuleSet#hash()}. */
  public String hash() {
    return hashOf(packed);
  }

  static String hashOf(byte[] packed) {
    return HexFormat.of().formatHex(packed, 0, HASH_BYTES);
  }

  /** What is to be subscribed to. Ticks move the clocks of the nodes on; gaps come unasked. */
  public Set<Kind> kinds() {
    long bits = 0;
    for (int i = HASH_BYTES; i < HEADER_BYTES; i++) {
      bits = bits << 8 | packed[i] & 0xff;
    }
    Set<Kind> kinds = EnumSet.of(Kind.TICK);
    for (Kind kind : Kind.values()) {
      if (kind != Kind.UNRECOGNIZED && (bits & Kinds.bit(kind)) != 0) {
        kinds.add(kind);
      }
    }
    return kinds;
  }

  /** Compiles it. */
  public RuleSet open() throws IOException {
    List<RuleFile> files = new ArrayList<>();
    long left = MAX_TEXT_BYTES;
    try (DataInputStream in =
        new DataInputStream(
            new InflaterInputStream(
                new ByteArrayInputStream(packed, HEADER_BYTES, packed.length - HEADER_BYTES)))) {
      int count = in.readInt();
      if (count < 0 || count > MAX_FILES) {
        throw new IOException("invalid rule set: files=" + count + " limit=" + MAX_FILES);
      }
      for (int i = 0; i < count; i++) {
        String name = read(in, left);
        String text = read(in, left);
        left -= name.length() + text.length();
        files.add(new RuleFile(name, text));
      }
    } catch (EOFException e) {
      throw new IOException("invalid rule set: it is cut, bytes=" + packed.length, e);
    }
    return RuleSet.of(files);
  }

  private static String read(DataInputStream in, long left) throws IOException {
    int length = in.readInt();
    if (length < 0 || length > left) {
      throw new IOException("invalid rule set: length=" + length + " limit=" + left);
    }
    byte[] bytes = new byte[length];
    in.readFully(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RuleBundle that && hash().equals(that.hash());
  }

  @Override
  public int hashCode() {
    return hash().hashCode();
  }

  @Override
  public String toString() {
    return hash();
  }
}
