package dev.interdict.bus.client;

/** The bus could not do what was asked; the message says what stood in the way. */
public final class BusException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public BusException(String message) {
    super(message);
  }

  public BusException(String message, Throwable cause) {
    super(message, cause);
  }
}
