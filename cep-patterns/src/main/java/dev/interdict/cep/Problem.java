package dev.interdict.cep;

import java.io.Serializable;

/** A mistake in a rule file: the author has to change the file. */
public record Problem(Location location, String message) implements Serializable {
  @Override
  public String toString() {
    return location + ": " + message;
  }
}
