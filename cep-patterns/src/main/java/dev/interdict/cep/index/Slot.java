package dev.interdict.cep.index;

import dev.interdict.schema.EventView;
import dev.interdict.schema.Field;
import java.nio.charset.StandardCharsets;

/**
 * Where a value stands in an event.
 *
 * @param element index into a list field; {@link #ANY} for a single value or any value of a list
 */
public record Slot(Field field, int element) {
  public static final int ANY = -1;

  private static final byte[] EMPTY = {};

  public Slot(Field field) {
    this(field, ANY);
  }

  boolean text() {
    return field.type() == Field.Type.STRING || field.type() == Field.Type.STRINGS;
  }

  boolean present(EventView event) {
    return element == ANY ? event.has(field) : event.count(field) > element;
  }

  boolean matches(EventView event, TextTest test) {
    switch (field.type()) {
      case STRING:
        int length = event.length(field);
        return length < 0
            ? test.matches(EMPTY, 0, 0)
            : test.matches(event.array(field), event.start(field), length);
      case STRINGS:
        int count = event.count(field);
        if (element == ANY) {
          boolean found = count == 0 && test.matches(EMPTY, 0, 0);
          for (int i = 0; !found && i < count; i++) {
            found = matchesElement(event, i, test);
          }
          return found;
        }
        return element < count ? matchesElement(event, element, test) : test.matches(EMPTY, 0, 0);
      default:
        byte[] digits = bytes(event);
        return test.matches(digits, 0, digits.length);
    }
  }

  private boolean matchesElement(EventView event, int i, TextTest test) {
    int length = event.length(field, i);
    return test.matches(event.array(field), event.start(field, i), length);
  }

  boolean matches(EventView event, Range range) {
    if (field.type() == Field.Type.LONGS) {
      boolean found = false;
      for (int i = 0, count = event.count(field); !found && i < count; i++) {
        found = range.contains(event.number(field, i));
      }
      return found;
    }
    return event.has(field) && range.contains(event.number(field));
  }

  boolean matches(EventView event, SameAs test) {
    byte[] mine = bytes(event);
    byte[] other = test.other().bytes(event);
    return test.matches(mine, 0, mine.length, other, 0, other.length);
  }

  /** A copy: for comparisons that are too rare to be worth more. */
  private byte[] bytes(EventView event) {
    if (!present(event)) {
      return EMPTY;
    }
    String value =
        switch (field.type()) {
          case STRING -> event.string(field);
          case STRINGS -> event.strings(field).get(Math.max(element, 0));
          case LONGS -> Long.toString(event.number(field, Math.max(element, 0)));
          case LONG -> Long.toString(event.number(field));
          case BOOL -> Boolean.toString(event.flag(field));
        };
    return value == null ? EMPTY : value.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public String toString() {
    return element == ANY ? field.dotted() : field.dotted() + "[" + element + "]";
  }
}
