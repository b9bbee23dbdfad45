package dev.interdict.agent.enrich;

import dev.interdict.agent.event.ProtoBuffer;

/**
 * What a process runs, encoded once: fields of {@code Process} as they stand in the event, and the
 * two of {@code Ancestor} that depend on it. Shared by all that forked from the one that executed
 * it.
 */
final class Image {
  private static final byte EXE_TAG = 3 << 3 | 2;

  private byte[] fields = new byte[256];
  private int fieldsLength;
  private byte[] ancestor = new byte[128];
  private int ancestorLength;
  int users;

  void setFields(byte[] from, int length) {
    fields = copy(from, length, fields);
    fieldsLength = length;
  }

  void setAncestor(byte[] from, int length) {
    ancestor = copy(from, length, ancestor);
    ancestorLength = length;
  }

  private static byte[] copy(byte[] from, int length, byte[] old) {
    byte[] to = length <= old.length ? old : new byte[length];
    System.arraycopy(from, 0, to, 0, length);
    return to;
  }

  /** Worth keeping for another. */
  boolean isSmall() {
    return fields.length <= 4096 && ancestor.length <= 4096;
  }

  byte[] fields() {
    return fields;
  }

  int fieldsLength() {
    return fieldsLength;
  }

  /** The message {@code Ancestor} begins with the path, where it is known. */
  void writeExe(ProtoBuffer out, int field) {
    if (ancestorLength == 0 || ancestor[0] != EXE_TAG) {
      return;
    }
    int at = 1;
    int length = 0;
    for (int shift = 0; ; shift += 7) {
      int part = ancestor[at++];
      length |= (part & 0x7f) << shift;
      if (part >= 0) {
        break;
      }
    }
    out.bytes(field, ancestor, at, length);
  }

  byte[] ancestor() {
    return ancestor;
  }

  int ancestorLength() {
    return ancestorLength;
  }
}
