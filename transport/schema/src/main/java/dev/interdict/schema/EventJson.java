package dev.interdict.schema;

public final class EventJson {
  /** One line without the line feed. */
  public static String toJson(EventView event) {
    throw new UnsupportedOperationException();
  }

  public static Event fromJson(String line) {
    throw new UnsupportedOperationException();
  }

  private EventJson() {}
}
