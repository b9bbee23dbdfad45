package dev.interdict.storage;

import java.io.IOException;
import java.nio.file.Path;

/** The disk has no room for what was to be written; what was there before is as it was. */
public final class NoRoomException extends IOException {
  private static final long serialVersionUID = 1L;

  private final long missing;

  NoRoomException(Path directory, long needed, long free, Throwable cause) {
    super(
        "no room in "
            + directory
            + ": bytes needed="
            + needed
            + " free="
            + free
            + " missing="
            + (needed - free)
            + "; nothing was changed there. Free as much, or run `interdict storage retain`",
        cause);
    missing = needed - free;
  }

  public long missing() {
    return missing;
  }
}
