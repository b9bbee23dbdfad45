package dev.interdict.cep;

import dev.interdict.schema.EventView;
import dev.interdict.schema.Field;
import java.util.ArrayList;
import java.util.List;

/**
 * A field that an alert shows of its events.
 *
 * @param name as the author wrote it
 */
public record ShownField(String name, KindFields fields) {
  private static final int MAX_LENGTH = 1024;

  /** Null where the event lacks it; at most 1024 characters. */
  public String value(EventView event) {
    Field field = fields.of(event.kind());
    if (field == null || !event.has(field)) {
      return null;
    }
    String text =
        switch (field.type()) {
          case STRING -> event.string(field);
          case STRINGS -> String.join(", ", event.strings(field));
          case LONGS -> numbers(event.longs(field));
          case LONG -> Long.toString(event.number(field));
          case BOOL -> Boolean.toString(event.flag(field));
        };
    return text.length() <= MAX_LENGTH ? text : text.substring(0, MAX_LENGTH);
  }

  private static String numbers(long[] values) {
    List<String> texts = new ArrayList<>();
    for (long value : values) {
      texts.add(Long.toString(value));
    }
    return String.join(", ", texts);
  }
}
