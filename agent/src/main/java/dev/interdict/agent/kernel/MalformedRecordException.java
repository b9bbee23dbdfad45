package dev.interdict.agent.kernel;

/** A record that the kernel's side and this one do not agree about. */
final class MalformedRecordException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  MalformedRecordException(String message) {
    super(message);
  }
}
