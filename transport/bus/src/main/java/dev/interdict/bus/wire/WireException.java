package dev.interdict.bus.wire;

import dev.interdict.schema.Goodbye;

/** A peer broke the rules; the code and message are told to it before the connection is closed. */
public final class WireException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final Goodbye.Code code;

  public WireException(Goodbye.Code code, String message) {
    super(message);
    this.code = code;
  }

  public WireException(Goodbye.Code code, String message, Throwable cause) {
    super(message, cause);
    this.code = code;
  }

  public static WireException protocol(String message) {
    return new WireException(Goodbye.Code.PROTOCOL, message);
  }

  public Goodbye.Code code() {
    return code;
  }
}
