package dev.interdict.agent.kernel;

import java.io.IOException;

/** Nothing can be seen here, by this process on this kernel; the message says what is missing. */
public final class UnsupportedKernelException extends IOException {
  private static final long serialVersionUID = 1;

  UnsupportedKernelException(String message, Throwable cause) {
    super(message, cause);
  }
}
