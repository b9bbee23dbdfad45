package dev.interdict.schema;

import java.util.Collection;

public final class Kinds {
  /** Every kind, also those that this version does not know. */
  public static final long ALL = -1L;

  private Kinds() {}

  public static long bit(Kind kind) {
    throw new UnsupportedOperationException();
  }

  public static long bit(int kind) {
    throw new UnsupportedOperationException();
  }

  public static long bits(Collection<Kind> kinds) {
    throw new UnsupportedOperationException();
  }

  public static Lane laneOf(int kind) {
    throw new UnsupportedOperationException();
  }

  /** "exec"; the number in decimal for a kind that this version does not know. */
  public static String name(int kind) {
    throw new UnsupportedOperationException();
  }

  public static Kind parse(String name) {
    throw new UnsupportedOperationException();
  }
}
