package dev.interdict.response;

/** The message begins with file and line. */
public final class InvalidPolicyException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public InvalidPolicyException(String file, int line, String problem) {
    super(file + ":" + line + ": " + problem);
  }
}
