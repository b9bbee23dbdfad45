package dev.interdict.response;

public final class InvalidAlertsException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  InvalidAlertsException(String file, int line, String message) {
    super(file + ":" + line + ": " + message);
  }
}
