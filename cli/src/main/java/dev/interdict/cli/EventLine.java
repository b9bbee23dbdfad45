package dev.interdict.cli;

import dev.interdict.schema.EventView;
import dev.interdict.schema.Field;
import dev.interdict.schema.Lane;
import java.time.Instant;
import java.util.Locale;

/** An event as a line for a person. */
final class EventLine {
  private static final long NANOS = 1_000_000_000L;

  private EventLine() {}

  static String of(EventView event) {
    StringBuilder line = new StringBuilder(160);
    line.append(time(event.time())).append(' ').append(event.string(Field.KIND));
    append(line, "pid", event, Field.PROCESS_PID);
    append(line, "container", event, Field.CONTAINER_ID);
    append(line, "exe", event, Field.PROCESS_EXE);
    for (Field field : Field.values()) {
      String group = field.dotted();
      if (group.startsWith("exec.")
          || group.startsWith("exit.")
          || group.startsWith("file.")
          || group.startsWith("connection.")
          || group.startsWith("dup.")
          || group.startsWith("gap.")
          || group.startsWith("fork.")) {
        append(line, group.substring(group.indexOf('.') + 1), event, field);
      }
    }
    append(line, "args", event, Field.PROCESS_COMMAND_LINE);
    return line.toString();
  }

  static String time(long unixNanos) {
    return Instant.ofEpochSecond(Math.floorDiv(unixNanos, NANOS), Math.floorMod(unixNanos, NANOS))
        .toString();
  }

  static String lane(int number) {
    Lane lane = Lane.forNumber(number);
    return lane == null ? Integer.toString(number) : lane.name().toLowerCase(Locale.ROOT);
  }

  private static void append(StringBuilder line, String name, EventView event, Field field) {
    if (!event.has(field)) {
      return;
    }
    switch (field.type()) {
      case STRING ->
          line.append(' ').append(name).append('=').append(PrintableText.of(event.string(field)));
      case LONG -> line.append(' ').append(name).append('=').append(event.number(field));
      case BOOL -> {
        if (event.flag(field)) {
          line.append(' ').append(name);
        }
      }
      default -> throw new IllegalArgumentException("not a single value: " + field.dotted());
    }
  }
}
