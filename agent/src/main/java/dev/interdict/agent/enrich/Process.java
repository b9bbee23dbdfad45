package dev.interdict.agent.enrich;

import dev.interdict.agent.event.ProtoBuffer;

/** One process as the table knows it; reused for another when it is forgotten. */
public final class Process {
  static final int ANCESTORS = 16;
  private static final int KEPT_BYTES = 4096;
  private static final int FIRST_BYTES = 512;
  private static final byte[] NONE = {};

  final int slot;
  long id;
  int pid;
  long start;
  int uid;
  int gid;
  int euid;
  int suid;
  int egid;
  long effective; // capabilities, where effectiveKnown
  boolean effectiveKnown;
  long parentId;
  Process parent; // may have been reused since: its id must be compared with parentId
  Cgroup cgroup;
  Image image;
  int children; // remembered ones
  boolean exited;
  ContainerRun run; // that it belongs to
  private byte[] encoded = NONE;
  private int encodedLength; // 0: to be encoded again

  Process(int slot) {
    this.slot = slot;
  }

  public long id() {
    return id;
  }

  public int pid() {
    return pid;
  }

  public long start() {
    return start;
  }

  public int uid() {
    return uid;
  }

  public int gid() {
    return gid;
  }

  public int euid() {
    return euid;
  }

  public int suid() {
    return suid;
  }

  public int egid() {
    return egid;
  }

  public boolean isEffectiveKnown() {
    return effectiveKnown;
  }

  /** A set of capabilities, bit per number. */
  public long effective() {
    return effective;
  }

  /** The resolved path of its image; left out where it is not known. */
  public void writeExe(ProtoBuffer out, int field) {
    if (image != null) {
      image.writeExe(out, field);
    }
  }

  public Cgroup cgroup() {
    return cgroup;
  }

  /** Null where it belongs to the host. */
  public ContainerRun run() {
    return run;
  }

  /** Null where it was never seen or has been forgotten. */
  public Process parent() {
    return parent != null && parent.id == parentId ? parent : null;
  }

  void changed() {
    encodedLength = 0;
  }

  void forget() {
    id = 0;
    parent = null;
    image = null;
    cgroup = null;
    run = null;
    encodedLength = 0;
    if (encoded.length > KEPT_BYTES) {
      encoded = NONE;
    }
  }

  boolean hasBuffer() {
    return encoded.length > 0;
  }

  /** What it was encoded in, for another; null if that is not worth keeping. */
  byte[] takeBuffer() {
    byte[] buffer = encoded;
    encoded = NONE;
    encodedLength = 0;
    return buffer.length == 0 || buffer.length > KEPT_BYTES ? null : buffer;
  }

  void giveBuffer(byte[] buffer) {
    encoded = buffer;
  }

  /** Appends the {@code Process} message as {@code field}; encoded once, copied from then on. */
  public void write(ProtoBuffer out, int field, ProtoBuffer scratch, Users users) {
    if (encodedLength == 0) {
      scratch.clear();
      encode(scratch, users);
      if (scratch.length() > encoded.length) {
        encoded = new byte[Math.max(FIRST_BYTES, scratch.length())];
      }
      System.arraycopy(scratch.array(), 0, encoded, 0, scratch.length());
      encodedLength = scratch.length();
    }
    out.bytes(field, encoded, 0, encodedLength);
  }

  private void encode(ProtoBuffer out, Users users) {
    out.fixed(1, id);
    out.number(2, pid);
    out.number(3, start);
    out.number(9, uid & 0xffff_ffffL);
    out.number(10, gid & 0xffff_ffffL);
    out.number(11, euid & 0xffff_ffffL);
    byte[] user = users.name(uid);
    if (user != null) {
      out.bytes(12, user, 0, user.length);
    }
    if (image != null) {
      out.raw(image.fields(), 0, image.fieldsLength());
    }
    if (cgroup != null) {
      out.raw(cgroup.encoded, 0, cgroup.encoded.length);
    }
    Process above = parent();
    for (int i = 0; i < ANCESTORS && above != null; i++) {
      int message = out.begin(18);
      out.fixed(1, above.id);
      out.number(2, above.pid);
      if (above.image != null) {
        out.raw(above.image.ancestor(), 0, above.image.ancestorLength());
      }
      out.number(5, above.uid & 0xffff_ffffL);
      out.number(6, above.start);
      out.end(message);
      above = above.parent();
    }
  }
}
