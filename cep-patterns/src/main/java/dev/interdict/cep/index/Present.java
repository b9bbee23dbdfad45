package dev.interdict.cep.index;

/** The event has the field, whatever its value. */
public record Present() implements Test {
  @Override
  public String toString() {
    return "is there";
  }
}
