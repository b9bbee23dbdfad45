package dev.interdict.schema;

import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Locale;

/** Sets of kinds as 64-bit maps, their names, and the lane that each travels in. */
public final class Kinds {
  /** Every kind, also those that this version does not know. */
  public static final long ALL = -1L;

  /** Kinds are numbered from 0 below this, so that a set fits into a long. */
  public static final int LIMIT = 64;

  private static final String[] NAMES = new String[LIMIT];
  private static final byte[][] BYTES = new byte[LIMIT][];

  static {
    for (int number = 0; number < LIMIT; number++) {
      Kind kind = Kind.forNumber(number);
      NAMES[number] =
          kind == null || kind == Kind.KIND_UNSPECIFIED
              ? Integer.toString(number)
              : kind.name().toLowerCase(Locale.ROOT);
      BYTES[number] = NAMES[number].getBytes(StandardCharsets.UTF_8);
    }
  }

  private Kinds() {}

  public static long bit(Kind kind) {
    return bit(kind.getNumber());
  }

  public static long bit(int kind) {
    if (kind < 0 || kind >= LIMIT) {
      throw new IllegalArgumentException("invalid kind=" + kind + " limit=" + (LIMIT - 1));
    }
    return 1L << kind;
  }

  public static long bits(Collection<Kind> kinds) {
    long bits = 0;
    for (Kind kind : kinds) {
      bits |= bit(kind);
    }
    return bits;
  }

  /** Kinds that this version does not know go with the processes, the lane that is never shed. */
  public static Lane laneOf(int kind) {
    return switch (kind) {
      case Kind.OPEN_VALUE,
          Kind.RENAME_VALUE,
          Kind.UNLINK_VALUE,
          Kind.TRUNCATE_VALUE,
          Kind.LINK_VALUE,
          Kind.CHMOD_VALUE,
          Kind.CHOWN_VALUE,
          Kind.MKNOD_VALUE ->
          Lane.FILE;
      case Kind.CONNECT_VALUE,
          Kind.ACCEPT_VALUE,
          Kind.LISTEN_VALUE,
          Kind.DNS_VALUE,
          Kind.UDP_VALUE,
          Kind.UNIX_VALUE,
          Kind.RAWSOCKET_VALUE,
          Kind.DISCONNECT_VALUE,
          Kind.TLS_VALUE ->
          Lane.NETWORK;
      default -> Lane.PROCESS;
    };
  }

  /** "exec"; the number in decimal for a kind that this version does not know. */
  public static String name(int kind) {
    return kind >= 0 && kind < LIMIT ? NAMES[kind] : Integer.toString(kind);
  }

  static byte[] nameBytes(int kind) {
    return kind >= 0 && kind < LIMIT
        ? BYTES[kind]
        : Integer.toString(kind).getBytes(StandardCharsets.UTF_8);
  }

  /** By lower-case name. */
  public static Kind parse(String name) {
    for (Kind kind : Kind.values()) {
      if (kind != Kind.UNRECOGNIZED
          && kind != Kind.KIND_UNSPECIFIED
          && NAMES[kind.getNumber()].equals(name)) {
        return kind;
      }
    }
    throw new IllegalArgumentException("unknown kind=" + name + " known=" + known());
  }

  private static String known() {
    StringBuilder names = new StringBuilder();
    for (Kind kind : Kind.values()) {
      if (kind != Kind.UNRECOGNIZED && kind != Kind.KIND_UNSPECIFIED) {
        names.append(names.length() == 0 ? "" : ",").append(NAMES[kind.getNumber()]);
      }
    }
    return names.toString();
  }
}
