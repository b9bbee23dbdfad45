package dev.interdict.schema;

import java.util.List;

public final class EventView {
  public EventView wrap(byte[] array, int offset, int length) {
    throw new UnsupportedOperationException();
  }

  public static long timeOf(byte[] array, int offset) {
    throw new UnsupportedOperationException();
  }

  public static int kindOf(byte[] array, int offset) {
    throw new UnsupportedOperationException();
  }

  public long time() {
    throw new UnsupportedOperationException();
  }

  public int kind() {
    throw new UnsupportedOperationException();
  }

  public boolean has(Field field) {
    throw new UnsupportedOperationException();
  }

  public long number(Field field) {
    throw new UnsupportedOperationException();
  }

  public boolean flag(Field field) {
    throw new UnsupportedOperationException();
  }

  public String string(Field field) {
    throw new UnsupportedOperationException();
  }

  public List<String> strings(Field field) {
    throw new UnsupportedOperationException();
  }

  public long[] longs(Field field) {
    throw new UnsupportedOperationException();
  }

  /** The array that was wrapped. */
  public byte[] array() {
    throw new UnsupportedOperationException();
  }

  /**
   * Where {@link #start} and {@link #length} of this STRING or STRINGS field point into: the
   * event's own array or a buffer of the view.
   */
  public byte[] array(Field field) {
    throw new UnsupportedOperationException();
  }

  public int start(Field field) {
    throw new UnsupportedOperationException();
  }

  /** -1 if absent. */
  public int length(Field field) {
    throw new UnsupportedOperationException();
  }

  /** Elements of a STRINGS or LONGS field; 0 if absent. */
  public int count(Field field) {
    throw new UnsupportedOperationException();
  }

  public int start(Field field, int index) {
    throw new UnsupportedOperationException();
  }

  public int length(Field field, int index) {
    throw new UnsupportedOperationException();
  }

  public long number(Field field, int index) {
    throw new UnsupportedOperationException();
  }
}
