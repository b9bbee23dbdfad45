package dev.interdict.record;

/**
 * Bytes that are not a frame: whoever sent them is broken or hostile, whatever stored them is
 * damaged.
 */
public final class InvalidFrameException extends RuntimeException {
  public InvalidFrameException(String message) {
    super(message);
  }
}
