package dev.interdict.response;

/**
 * The message says what stood in the way; the containment stays as it is until its time is over.
 */
public final class ReleaseFailedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  ReleaseFailedException(String message) {
    super(message);
  }
}
