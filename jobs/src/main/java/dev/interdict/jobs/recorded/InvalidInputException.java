package dev.interdict.jobs.recorded;

import java.io.IOException;

/** A recording that cannot be read; the message begins with file and line, from 1. */
public final class InvalidInputException extends IOException {
  private static final long serialVersionUID = 1;

  InvalidInputException(String file, long line, String problem, Throwable cause) {
    super(file + ":" + line + ": " + problem, cause);
  }
}
