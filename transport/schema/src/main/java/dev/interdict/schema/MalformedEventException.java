package dev.interdict.schema;

/** Bytes that are not an event. The offset counts from the first byte of the event. */
public final class MalformedEventException extends RuntimeException {
  private final int offset;

  public MalformedEventException(String what, int offset) {
    super(what + " offset=" + offset);
    this.offset = offset;
  }

  public int offset() {
    return offset;
  }
}
