package dev.interdict.bus.join;

/** No certificate: the message says why, to whoever asked. */
public final class JoinRefusedException extends Exception {
  private static final long serialVersionUID = 1;

  public JoinRefusedException(String message) {
    super(message);
  }

  public JoinRefusedException(String message, Throwable cause) {
    super(message, cause);
  }
}
