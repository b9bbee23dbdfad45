package dev.interdict.cep;

import java.io.Serializable;
import java.util.List;

/** A well-formed rule that can never fire here, and what it would need. */
public record Refusal(
    String id, String title, List<String> techniques, Location location, String reason)
    implements Serializable {
  @Override
  public String toString() {
    return location + ": " + title + ": " + reason;
  }
}
